# Images on the cluster's node. No registry is needed: they go from buildah's storage to containerd.

PAUSE_IMAGE=localhost/jangar-cluster/pause:$(fingerprint "$HERE"/images/pause/*)
COREDNS_IMAGE=localhost/jangar-cluster/coredns:$COREDNS_VERSION

node_ctr() { ctr --address "$SOCKET" --namespace k8s.io "$@"; }

cluster_load_image() { # image…
  local image
  [ $# -gt 0 ] || fail "load-image: which image?" "hack/cluster/cluster load-image IMAGE…"
  require_root
  is_running containerd || fail "the cluster does not run" "hack/cluster/cluster up"
  locked images
  prepare_storage
  for image in "$@"; do load_image "$(full_name "$image")"; done
  unlocked images
}

load_image() { # full name
  local image=$1 id begun
  begun=$(now_ms)
  id=$(image_id "$image") || fail "there is no image $image" "build it: hack/cluster/cluster build-image $image DOCKERFILE"
  if [ "$(node_image_id "$image")" = "$id" ]; then
    took "$begun" "image $image is on the node already"
    return
  fi
  import_image "$image"
  took "$begun" "image $image loaded"
}

# The digest of the configuration of an image on the node, as image_id gives it; nothing if it is not there.
node_image_id() { # full name
  local manifest
  manifest=$(node_ctr images list "name==$1" | awk 'NR == 2 { print $3 }')
  [ -z "$manifest" ] || node_ctr content get "$manifest" | jq -r '.config.digest // empty'
}

import_image() { # full name
  local archive
  archive=$(mktemp "$RUN/image.XXXXXX")
  # Half the time of gzip, which is most of the time spent here.
  bh push --quiet --compression-format zstd --signature-policy "$HERE/config/policy.json" "$1" "oci-archive:$archive:$1"
  node_ctr images import --snapshotter "$(<"$RUN/snapshotter")" "$archive" >/dev/null
  rm -f "$archive"
}

load_system_images() {
  local image
  locked images
  for image in "$PAUSE_IMAGE" "$COREDNS_IMAGE"; do
    [ "$(node_image_id "$image")" = "$(image_id "$image")" ] || import_image "$image"
  done
  unlocked images
}

make_system_images() {
  begin_building
  image_id "$PAUSE_IMAGE" >/dev/null || timed "image of pause made" make_pause_image
  image_id "$COREDNS_IMAGE" >/dev/null || timed "image of CoreDNS made" make_coredns_image
  unlocked images
}

make_pause_image() {
  local directory
  directory=$(mktemp -d)
  go_build images/pause "$directory/pause" "-s -w" .
  image_from_scratch "$PAUSE_IMAGE" "$directory/pause" /pause --entrypoint '["/pause"]' --user 65535:65535
  rm -r "$directory"
}

make_coredns_image() { image_from_scratch "$COREDNS_IMAGE" "$COREDNS_BIN/coredns" /coredns --entrypoint '["/coredns"]'; }

image_from_scratch() { # name file place option…
  local name=$1 file=$2 place=$3 container
  shift 3
  container=$(bh from scratch)
  bh copy --quiet "$container" "$file" "$place" >/dev/null
  bh config "$@" "$container"
  bh commit --quiet --rm --signature-policy "$HERE/config/policy.json" "$container" "$name" >/dev/null
}
