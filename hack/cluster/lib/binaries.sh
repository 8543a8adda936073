# Programs built from Go modules, once per version, into a directory of their own.

# The directory appears only when everything in it is there: an interrupted build leaves nothing to be mistaken for a whole one.
build_into() { # directory text builder [hint]
  local directory=$1 text=$2 builder=$3 partial
  [ ! -d "$directory" ] || return 0
  require_go
  require_space 6 "building from an empty cache"
  partial=$directory.partial
  rm -rf "$partial"
  mkdir -p "$partial"
  say "building $text${4:+ ($4)} …"
  timed "built $text" "$builder" "$partial"
  mv "$partial" "$directory"
}

build_binaries() {
  locked build
  build_into "$KUBERNETES_BIN" "Kubernetes $KUBERNETES_VERSION" build_kubernetes "once; about 5 minutes from an empty Go cache"
  build_into "$ETCD_BIN" "etcd $ETCD_VERSION" build_etcd
  build_into "$COREDNS_BIN" "CoreDNS $COREDNS_VERSION" build_coredns
  build_into "$HELM_BIN" "Helm $HELM_VERSION" build_helm "once; about a minute"
  build_into "$KUBECONFORM_BIN" "kubeconform $KUBECONFORM_VERSION" build_kubeconform
  unlocked build
}

binary_path() { echo "$KUBERNETES_BIN:$ETCD_BIN:$HELM_BIN:$KUBECONFORM_BIN:$VERSITYGW_BIN"; }
