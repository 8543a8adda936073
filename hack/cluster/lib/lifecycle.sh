# up, down, restart.

cluster_up() {
  local begun
  begun=$(now_ms)
  require_root
  require_short_path
  locked cluster
  if cluster_exists && cluster_is_running; then
    took "$begun" "already running: Kubernetes $KUBERNETES_VERSION, export KUBECONFIG=$ADMIN_KUBECONFIG"
    return
  fi
  if [ -e "$RUN" ]; then
    say "found a cluster that did not end by \`down\` (not running: $(dead_components | tr '\n' ' ')): starting afresh"
    timed "its remains removed" tear_down
  fi
  install_packages
  require_containerd
  require_cgroups
  require_free_ports
  require_free_addresses
  require_space 3 "a running cluster"
  prepare_software
  timed "network, certificates and configuration" prepare_node
  start_control_plane
  start_node
  took "$begun" "up: Kubernetes $KUBERNETES_VERSION on cgroup v$(cgroup_version), export KUBECONFIG=$ADMIN_KUBECONFIG"
}

# The base images come mostly from the network, the programs mostly from the processor: side by side.
prepare_software() {
  local log=$BUILD_LOGS/base-images.log
  if ! base_images_are_made; then
    mkdir -p "$BUILD_LOGS"
    say "making the base images meanwhile (log: $log)"
    # A process group of its own, so that it can be ended with all that it runs.
    set -m
    make_base_images_aside >"$log" 2>&1 8>&- 9>&- &
    set +m
    BACKGROUND_JOB=$!
  fi
  build_binaries
  if [ -n "${BACKGROUND_JOB:-}" ]; then
    wait "$BACKGROUND_JOB" || { cat "$log" >&2; fail "the base images could not be made" "what was done to make them is in $log; the reason is above"; }
    BACKGROUND_JOB=
    cat "$log"
  fi
  make_system_images
}

# A subshell has no traps: without this one a failure would not say which step it was.
make_base_images_aside() {
  trap on_exit EXIT
  make_base_images
}

prepare_node() {
  mkdir -p "$PIDS"
  save_kernel_settings
  make_pki
  write_config
  make_cgroups
  network_up
}

start_control_plane() {
  local begun name
  begun=$(now_ms)
  for name in containerd etcd kube-apiserver; do start_component "$name"; done
  await_component containerd
  forget_old_containers
  load_system_images
  took "$begun" "containerd ready"
  await_component kube-apiserver
  took "$begun" "kube-apiserver ready"
}

# The image store also remembers the containers of a cluster that is gone.
forget_old_containers() {
  local containers
  mapfile -t containers < <(node_ctr containers list --quiet)
  [ ${#containers[@]} -gt 0 ] || return 0
  node_ctr containers delete "${containers[@]}" >/dev/null
  restart_component containerd
}

start_node() {
  local begun name
  begun=$(now_ms)
  for name in kube-controller-manager kube-scheduler kubelet kube-proxy; do start_component "$name"; done
  render coredns.yaml | k apply -f - >/dev/null
  await_component kubelet
  took "$begun" "node ready"
  await kubelet 120 "CoreDNS ready" dns_is_ready
  await kube-controller-manager 60 "default service account made" default_account_exists
  for name in "${COMPONENTS[@]}"; do is_running "$name" || fail "$name ended: $(last_words "$name")" "see $LOGS/$name.log"; done
  took "$begun" "CoreDNS ready"
}

cluster_down() {
  local begun
  begun=$(now_ms)
  require_root
  require_short_path
  locked cluster
  discard_killed_build
  if [ ! -e "$RUN" ]; then
    say "not running"
    return
  fi
  tear_down
  took "$begun" "down: nothing is left but programs and images in $CACHE"
}

# A build that was killed leaves mounts too; one that is under way is left alone.
discard_killed_build() {
  [ -e "$CACHE/buildah/storage.conf" ] || return 0
  exec 7>"$CACHE/images.lock"
  if flock -n 7; then discard_half_built; fi
  unlocked images
}

cluster_restart() {
  local name
  [ $# -gt 0 ] || fail "restart: which component?" "one or more of: ${COMPONENTS[*]}"
  require_root
  locked cluster
  for name in "$@"; do
    [ -e "$PIDS/$name" ] || fail "$name was not started" "one or more of: ${COMPONENTS[*]}; hack/cluster/cluster up"
    timed "$name restarted" restart_component "$name"
  done
}

restart_component() {
  stop_process "$1"
  start_component "$1"
  await_component "$1"
}
