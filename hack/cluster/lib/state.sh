# What is there: reading only.

cluster_is_running() {
  local name
  for name in "${COMPONENTS[@]}"; do is_running "$name" || return 1; done
  k get --raw /readyz >/dev/null 2>&1 && node_is_ready 2>/dev/null && dns_is_ready 2>/dev/null
}

cluster_exists() { [ -d "$PIDS" ]; }

dead_components() {
  local name
  for name in "${COMPONENTS[@]}"; do is_running "$name" || echo "$name"; done
}

cluster_status() {
  local name pid code=0
  for name in "${COMPONENTS[@]}"; do
    if pid=$(pid_of "$name"); then
      printf '%-24s running, pid %s\n' "$name" "$pid"
    else
      printf '%-24s not running\n' "$name"
      code=3
    fi
  done
  if [ $code -eq 0 ]; then
    cluster_is_running || code=3
    k get nodes 2>&1 | sed 's/^/  /' || true
  fi
  cat <<TEXT
kubeconfig               $ADMIN_KUBECONFIG
audit log                $AUDIT_LOG
component logs           $LOGS
programs                 $(binary_path)
TEXT
  return $code
}

cluster_kubeconfig() { echo "$ADMIN_KUBECONFIG"; }
cluster_audit_log() { echo "$AUDIT_LOG"; }
cluster_env() {
  printf "export KUBECONFIG=%q\nexport PATH=%q:\"\$PATH\"\n" "$ADMIN_KUBECONFIG" "$(binary_path)"
}
