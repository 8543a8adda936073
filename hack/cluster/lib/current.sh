# CLUSTER=current: the current kubeconfig context, with the tools that made that cluster. This part also runs on macOS.

current_context() {
  command -v kubectl >/dev/null || fail "kubectl is missing" "install it (https://kubernetes.io/docs/tasks/tools/)"
  kubectl config current-context 2>/dev/null || fail "there is no current kubeconfig context" "kind create cluster, minikube start, or kubectl config use-context NAME"
}

require_reachable() {
  kubectl --request-timeout=10s get --raw /readyz >/dev/null 2>&1 ||
    fail "the cluster of context $(current_context) does not answer" "start it, or choose another: kubectl config use-context NAME"
}

current_up() {
  local context
  context=$(current_context)
  require_reachable
  say "using the cluster of the current context, $context; it is not changed"
}
current_down() { current_up; }
current_status() { current_up; }
current_restart() { fail "restart works on the local cluster only" "unset CLUSTER"; }
current_images() { say "nothing to make: docker pulls the base images"; }
current_audit_log() { fail "the audit log of a cluster that is not ours is not known" "unset CLUSTER"; }
current_kubeconfig() { echo "${KUBECONFIG:-$HOME/.kube/config}"; }
# The machine's own kubectl and helm come first: they are the ones that know that cluster.
current_env() {
  echo "export KUBECONFIG=$(current_kubeconfig)"
  echo "export PATH=\$PATH:$(binary_path)"
}

current_build_image() { # tag dockerfile [context] [option…]
  local tag dockerfile context=.
  [ $# -ge 2 ] || fail "build-image: tag and Dockerfile are needed" "hack/cluster/cluster build-image TAG DOCKERFILE [CONTEXT] [options]"
  command -v docker >/dev/null || fail "docker is missing" "install Docker, or unset CLUSTER to build without it"
  tag=$1
  dockerfile=$2
  shift 2
  if [ $# -gt 0 ] && [[ $1 != -* ]]; then
    context=$1
    shift
  fi
  timed "built image $tag" docker build --quiet --file "$dockerfile" --tag "$tag" "$@" "$context"
}

current_load_image() { # image…
  local context image
  [ $# -gt 0 ] || fail "load-image: which image?" "hack/cluster/cluster load-image IMAGE…"
  context=$(current_context)
  for image in "$@"; do
    case $context in
      kind-*) timed "image $image loaded" kind load docker-image --name "${context#kind-}" "$image" ;;
      minikube) timed "image $image loaded" minikube image load "$image" ;;
      *) fail "images cannot be loaded into the cluster of context $context" "push $image to a registry that it can pull from, and set the chart's image.repository" ;;
    esac
  done
}
