# How each program is compiled. A change of this file builds all of them again.

go_build() { # module-directory output linker-flags package…
  local directory=$1 output=$2 flags=$3
  shift 3
  (cd "$HERE/$directory" && CGO_ENABLED=0 GOWORK=off go build -mod=readonly -trimpath -ldflags "$flags" -o "$output" "$@") ||
    fail "go build failed in hack/cluster/$directory" "read the messages above; a module that cannot be fetched is a matter of GOPROXY or the network"
}

build_kubernetes() { # directory
  local programs=(kube-apiserver kubectl) version=k8s.io/component-base/version minor=${KUBERNETES_VERSION#*.}
  # Elsewhere only what API-server tests need: the node's programs are Linux only.
  [ "$(uname -s)" != Linux ] || programs+=(kube-controller-manager kube-scheduler kubelet kube-proxy)
  go_build . "$1/" "-s -w -X $version.gitVersion=v$KUBERNETES_VERSION -X $version.gitMajor=${KUBERNETES_VERSION%%.*} -X $version.gitMinor=${minor%%.*}" \
    "${programs[@]/#/k8s.io/kubernetes/cmd/}"
}
build_etcd() { go_build . "$1/etcd" "-s -w" go.etcd.io/etcd/server/v3; }
build_coredns() { go_build tools/coredns "$1/coredns" "-s -w" .; }
build_helm() { go_build tools/helm "$1/helm" "-s -w -X helm.sh/helm/v4/internal/version.version=v$HELM_VERSION" helm.sh/helm/v4/cmd/helm; }
build_kubeconform() { go_build tools/kubeconform "$1/kubeconform" "-s -w -X main.version=v$KUBECONFORM_VERSION" github.com/yannh/kubeconform/cmd/kubeconform; }
