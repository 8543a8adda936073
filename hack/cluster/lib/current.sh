# CLUSTER=current: the current kubeconfig context, with the tools that made that cluster. This part also runs on macOS.

# kubectl and helm that were built here do where the machine has none of its own.
require_tools() { # program…
  local tool
  PATH=$PATH:$(binary_path)
  for tool in "$@"; do
    command -v "$tool" >/dev/null || case $tool in
      kubectl) fail "kubectl is missing" "install it (https://kubernetes.io/docs/tasks/tools/), or build it: hack/cluster/cluster build" ;;
      helm) fail "helm is missing" "install it (https://helm.sh/docs/intro/install/), or build it: hack/cluster/cluster build" ;;
      docker) fail "docker is missing" "install Docker, or unset CLUSTER to build without it" ;;
      *) fail "$tool is missing" "install it: the cluster was made with it" ;;
    esac
  done
}

current_context() {
  kubectl config current-context 2>/dev/null || fail "there is no current kubeconfig context" "kind create cluster, minikube start, or kubectl config use-context NAME"
}

require_reachable() {
  kubectl --request-timeout=10s get --raw /readyz >/dev/null 2>&1 ||
    fail "the cluster of context $(current_context) does not answer" "start it, or choose another: kubectl config use-context NAME"
}

current_up() {
  local context
  require_tools kubectl helm
  context=$(current_context)
  require_reachable
  say "using the cluster of the current context, $context; it is not changed"
}
current_down() { current_up; }
current_status() { current_up; }
current_restart() { fail "restart works on the local cluster only" "unset CLUSTER"; }
current_images() { say "nothing to make: docker pulls the base images"; }
current_audit_log() { fail "the audit log of a cluster that is not ours is not known" "unset CLUSTER"; }
current_kubeconfig() {
  [ -n "${KUBECONFIG:-${HOME:-}}" ] || fail "there is no kubeconfig: neither KUBECONFIG nor HOME is set" "set KUBECONFIG"
  echo "${KUBECONFIG:-$HOME/.kube/config}"
}
# The machine's own kubectl and helm come first: they are the ones that know that cluster.
current_env() {
  local kubeconfig
  require_tools kubectl helm
  kubeconfig=$(current_kubeconfig)
  printf "export KUBECONFIG=%q\nexport PATH=\"\$PATH\":%q\n" "$kubeconfig" "$(binary_path)"
}

current_build_image() { # tag dockerfile [context] [option…]
  local tag dockerfile context=.
  [ $# -ge 2 ] || fail "build-image: tag and Dockerfile are needed" "hack/cluster/cluster build-image TAG DOCKERFILE [CONTEXT] [options]"
  require_tools docker
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
  local context image profile
  [ $# -gt 0 ] || fail "load-image: which image?" "hack/cluster/cluster load-image IMAGE…"
  require_tools kubectl
  context=$(current_context)
  profile=$(minikube_profile)
  for image in "$@"; do
    if [ -n "$profile" ]; then
      load_by minikube "$image" --profile "$profile" image load
    elif [[ $context == kind-* ]]; then
      load_by kind "$image" load docker-image --name "${context#kind-}"
    else
      fail "images cannot be loaded into the cluster of context $context" "push $image to a registry that it can pull from, and set the chart's image.repository"
    fi
  done
}

load_by() { # tool image argument…
  local tool=$1 image=$2
  shift 2
  require_tools "$tool"
  timed "image $image loaded" "$tool" "$@" "$image"
}

# The name of the profile that minikube made the current context's cluster for; nothing if something else made it. Minikube
# marks its clusters in the kubeconfig; the context may have any name.
minikube_profile() {
  local cluster maker
  cluster=$(kubectl config view --minify --output 'jsonpath={.clusters[0].name} {.clusters[0].cluster.extensions[*].extension.provider}')
  read -r cluster maker <<<"$cluster"
  case $maker in *minikube.sigs.k8s.io*) echo "$cluster" ;; esac
}
