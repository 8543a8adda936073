# Servers that tests talk to and the cluster does not need. Apart from the recipes, so that another one leaves Kubernetes built.

PEERS=$HERE/lib/peers.sh
VERSITYGW_VERSION=$(module_version tools/versitygw github.com/versity/versitygw)
VERSITYGW_BIN=$CACHE/bin/versitygw-$VERSITYGW_VERSION-$(fingerprint "$HERE"/tools/versitygw/* "$PEERS")

build_versitygw() { go_build tools/versitygw "$1/versitygw" "-s -w" github.com/versity/versitygw/cmd/versitygw; }

build_peers() {
  locked build
  build_into "$VERSITYGW_BIN" "versitygw $VERSITYGW_VERSION" build_versitygw "once; about 2 minutes"
  unlocked build
}
