# Sourced by hack/demo/demo: its steps, in their order. Those about one agent are examples/shell's; another agent's file
# replaces them.

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# timed TEXT FUNCTION: runs a step, its output indented, and says how long it took.
timed() {
  local text=$1 started=$SECONDS
  shift
  say "$text"
  "$@"
  printf '%6ss  %s\n' $((SECONDS - started)) "$text"
}

build_images() { IMAGES=$(hack/images); }

install_chart() {
  kubectl create namespace "$NAMESPACE" --dry-run=client --output yaml | kubectl apply --filename - >/dev/null
  # The strictest Pod Security level: the control plane and every run fit it.
  kubectl label namespace "$NAMESPACE" --overwrite pod-security.kubernetes.io/enforce=restricted >/dev/null
  # Helm installs crds/ once and never upgrades them.
  kubectl apply --server-side --force-conflicts --filename charts/agents/crds >/dev/null
  # Default values; the annotation restarts the control plane when its image was built anew under the same tag.
  helm upgrade --install jangar charts/agents --namespace "$NAMESPACE" --set-string "podAnnotations.images=$IMAGES" >/dev/null
  k rollout status deployment/jangar-agents --timeout=3m
}

serve_repository() {
  local program
  program=$(k create configmap git-server --from-file hack/demo/git-server.ts --dry-run=client --output yaml | k apply --filename -)
  k apply --filename hack/demo/git-server.yaml >/dev/null
  [[ $program != *configured ]] || k rollout restart deployment/git-server
  k rollout status deployment/git-server --timeout=3m
  SCRATCH=$(mktemp -d)
  git clone --quiet --bare --no-hardlinks . "$SCRATCH/jangar.git"
  tar --create --directory "$SCRATCH" jangar.git | k exec --stdin deployment/git-server -- tar --extract --directory /srv/git --no-same-owner
}

prepare_agent() { :; }

apply_examples() { k apply --filename "examples/$AGENT/provider.yaml" --filename "examples/$AGENT/agent.yaml" --filename "examples/$AGENT/implementation-spec.yaml"; }

create_run() {
  RUN=$(k create --filename "examples/$AGENT/agent-run.yaml" --output 'jsonpath={.metadata.name}')
  say "agentrun/$RUN created from examples/$AGENT/agent-run.yaml"
}

# A run that does not end in time is shown as it is, and check_run says so.
await_run() {
  k get agentrun "$RUN" --watch &
  WATCH=$!
  k wait --for=condition=Finished "agentrun/$RUN" --timeout=5m >/dev/null || true
  kill "$WATCH" 2>/dev/null || true
  wait "$WATCH" 2>/dev/null || true
}

# Whatever ends the demo, nothing goes on writing to the terminal and nothing stays on disk.
clean_up() {
  [ -z "${WATCH:-}" ] || kill "$WATCH" 2>/dev/null || true
  [ -z "${SCRATCH:-}" ] || rm -rf "$SCRATCH"
}

show_run() {
  say 'Conditions'
  k get agentrun "$RUN" --output 'go-template={{range .status.conditions}}{{printf "%-12s %-8s %-12s %s\n" .type .status .reason .message}}{{end}}'
  say 'Events'
  k events --for "agentrun/$RUN"
  say 'Log of the agent'
  k logs "job/$(job_of_run)" --container agent || true
  say 'Artifacts'
  k get agentrun "$RUN" --output 'go-template={{range .status.artifacts}}{{printf "%s  %s  %v bytes  sha256 %s\n" .name .path .sizeBytes .sha256}}{{end}}'
  say 'Look further'
  cat <<TEXT
  eval "\$(hack/cluster/cluster env)"
  kubectl -n $NAMESPACE get agentruns,agents,agentproviders,implementationspecs
  kubectl -n $NAMESPACE describe agentrun $RUN
  kubectl -n $NAMESPACE port-forward service/jangar-agents 8080:80   # then http://127.0.0.1:8080/metrics and /healthz
  kubectl -n $NAMESPACE create -f examples/$AGENT/agent-run.yaml      # another run
  hack/cluster/cluster down                                         # nothing of it stays but the built programs
TEXT
}

# The run succeeded, and the hash in its status is that of the artifact in the agent's log.
check_run() {
  local phase reported printed
  phase=$(k get agentrun "$RUN" --output 'jsonpath={.status.phase}')
  reported=$(k get agentrun "$RUN" --output "jsonpath={.status.artifacts[?(@.name==\"$(artifact_name)\")].sha256}")
  printed=$(k logs "job/$(job_of_run)" --container agent 2>/dev/null | artifact_hash) || true
  if [ "$phase" != Succeeded ] || [ -z "$reported" ] || [ "$reported" != "$printed" ]; then
    say "agentrun/$RUN is $phase; the artifact's sha256 is '$reported' in its status and '$printed' in its log"
    exit 1
  fi
  say "agentrun/$RUN Succeeded; the artifact's sha256 in its status is that of the file in its log"
}

artifact_name() { echo report; }
# Of the log on standard input: the agent printed the hash itself.
artifact_hash() { awk '$2 == "report.md" && length($1) == 64 { print $1 }'; }

job_of_run() { k get agentrun "$RUN" --output 'jsonpath={.status.runtimeRef.name}'; }
