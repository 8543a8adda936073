# Where everything lies, and the addresses of the cluster. Versions come from the go.mod files: they are written once.
# shellcheck disable=SC2034  # used by the other files of lib

CACHE_HOME=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
[ -n "${JANGAR_CACHE:-$CACHE_HOME}" ] || fail "there is no place for programs and images: HOME is not set" "set HOME, or JANGAR_CACHE to a directory of its own"
CACHE=${JANGAR_CACHE:-$CACHE_HOME/jangar}
# A relative one would be another place, and another cluster, in each directory.
case $CACHE in /*) ;; *) fail "the path $CACHE is not absolute" "set JANGAR_CACHE to an absolute path, such as $PWD/${JANGAR_CACHE:-.cache}" ;; esac
RUN=$CACHE/cluster
PKI=$RUN/pki
LOGS=$RUN/log
PIDS=$RUN/pid
SOCKET=$RUN/containerd/c.sock
BUILD_LOGS=$CACHE/log
# Images outlive the cluster: loading them again would take longer than starting it.
IMAGE_STORE=$CACHE/containerd
ADMIN_KUBECONFIG=$RUN/kubeconfig
AUDIT_LOG=$RUN/audit/audit.log

BRIDGE=jangar0
NODE=jangar
POD_CIDR=10.244.0.0/24
NODE_IP=10.244.0.1
SERVICE_CIDR=10.96.0.0/16
SERVICE_IP=10.96.0.1
DNS_IP=10.96.0.10
API_PORT=6443
ETCD_PORT=12379
ETCD_PEER_PORT=12380
KUBELET_PORT=10250
KUBELET_HEALTH_PORT=10248

module_version() { # directory module → version without the v
  awk -v module="$2" '{ sub(/^require /, "") } $1 == module && $2 ~ /^v/ { print substr($2, 2); exit }' "$HERE/$1/go.mod"
}

# Ten hexadecimal digits over the named files: a changed recipe gets a new place in the cache.
fingerprint() { # file…
  if command -v sha256sum >/dev/null; then cat "$@" | sha256sum | cut -c1-10; else cat "$@" | shasum -a 256 | cut -c1-10; fi
}

KUBERNETES_VERSION=$(module_version . k8s.io/kubernetes)
ETCD_VERSION=$(module_version . go.etcd.io/etcd/server/v3)
COREDNS_VERSION=$(module_version tools/coredns github.com/coredns/coredns)
HELM_VERSION=$(module_version tools/helm helm.sh/helm/v4)
KUBECONFORM_VERSION=$(module_version tools/kubeconform github.com/yannh/kubeconform)
RECIPES=$HERE/lib/recipes.sh
KUBERNETES_BIN=$CACHE/bin/kubernetes-$KUBERNETES_VERSION-$(fingerprint "$HERE/go.mod" "$HERE/go.sum" "$RECIPES")
ETCD_BIN=$CACHE/bin/etcd-$ETCD_VERSION-$(fingerprint "$HERE/go.mod" "$HERE/go.sum" "$RECIPES")
COREDNS_BIN=$CACHE/bin/coredns-$COREDNS_VERSION-$(fingerprint "$HERE"/tools/coredns/* "$RECIPES")
HELM_BIN=$CACHE/bin/helm-$HELM_VERSION-$(fingerprint "$HERE"/tools/helm/* "$RECIPES")
KUBECONFORM_BIN=$CACHE/bin/kubeconform-$KUBECONFORM_VERSION-$(fingerprint "$HERE"/tools/kubeconform/* "$RECIPES")
