# Images are built by buildah in a storage of their own below the cache, with nothing of the user's configuration.

bh() {
  local command=$1
  shift
  CONTAINERS_STORAGE_CONF=$CACHE/buildah/storage.conf CONTAINERS_REGISTRIES_CONF=$HERE/config/registries.conf buildah "$command" "$@"
}

prepare_storage() {
  local driver=vfs
  [ ! -e "$CACHE/buildah/storage.conf" ] || return 0
  mkdir -p "$CACHE/buildah"
  if overlay_works "$CACHE/buildah"; then driver=overlay; fi
  printf '[storage]\ndriver = "%s"\ngraphroot = "%s/buildah/root"\nrunroot = "%s/buildah/run"\n' "$driver" "$CACHE" "$CACHE" >"$CACHE/buildah/storage.conf"
}

# One user of the storage at a time, so that whatever is half-built now was left by one that was killed.
begin_building() {
  locked images
  prepare_storage
  discard_half_built
}

discard_half_built() {
  [ -z "$(bh containers --quiet)" ] || bh rm --all >/dev/null
  unmount_below "$CACHE/buildah"
  rm -rf "$CACHE"/debian.?????? "$CACHE"/node.??????
}

# The name as a container runtime understands it: `jangar:dev` is docker.io/library/jangar:dev.
full_name() { # reference
  local name=$1 first=${1%%/*}
  if [[ $name != */* ]]; then
    name=docker.io/library/$name
  elif [[ $first != *.* && $first != *:* && $first != localhost ]]; then
    name=docker.io/$name
  fi
  if [[ ${name##*/} != *[:@]* ]]; then name=$name:latest; fi
  echo "$name"
}

# The identity of an image in the storage (the digest of its configuration), or failure.
image_id() { bh images --no-trunc --quiet "$1" 2>/dev/null | head -1 | grep .; }

cluster_build_image() { # tag dockerfile [context] [option…]
  local tag dockerfile context=. log mounts=()
  [ $# -ge 2 ] || fail "build-image: tag and Dockerfile are needed" "hack/cluster/cluster build-image TAG DOCKERFILE [CONTEXT] [options]"
  tag=$(full_name "$1")
  dockerfile=$2
  shift 2
  if [ $# -gt 0 ] && [[ $1 != -* ]]; then
    context=$1
    shift
  fi
  require_root
  install_packages
  begin_building
  make_debian_image
  make_node_image
  host_mounts
  log=$BUILD_LOGS/${tag//[^A-Za-z0-9.-]/_}.log
  say "building image $tag (log: $log) …"
  timed_quietly "$log" "image $tag built" bh bud --isolation chroot --pull-never --layers --signature-policy "$HERE/config/policy.json" "${mounts[@]}" \
    --file "$dockerfile" --tag "$tag" "$@" "$context"
  unlocked images
}

# What this machine needs to reach its package registries, read-only and only for the time of the build: none of it is in a layer.
# Sets `mounts`.
host_mounts() {
  local global settings=$CACHE/buildah/apt.conf
  apt_settings >"$settings"
  [ ! -s "$settings" ] || mounts+=(--volume "$settings:/etc/apt/apt.conf.d/99host:ro")
  [ ! -f "${HOME:-}/.npmrc" ] || mounts+=(--volume "$HOME/.npmrc:/root/.npmrc:ro")
  global=$(global_npmrc)
  [ -z "$global" ] || mounts+=(--volume "$global:/usr/local/etc/npmrc:ro")
  if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    mounts+=(--volume /etc/ssl/certs:/etc/ssl/certs:ro --volume /usr/local/share/ca-certificates:/usr/local/share/ca-certificates:ro)
  fi
}

# npm looks for it beside the Node it runs on, and the project brings a Node of its own.
global_npmrc() {
  local file
  for file in "$(npm config get globalconfig 2>/dev/null || true)" /usr/local/etc/npmrc /usr/etc/npmrc /etc/npmrc; do
    if [ -f "$file" ]; then echo "$file"; return; fi
  done
}

# How this machine's apt reaches its mirror (proxy, retries, validity of an old mirror), as a configuration file.
apt_settings() { apt-config dump --no-empty 2>/dev/null | grep -E '^Acquire::(https?|Retries|Check-|ForceIPv)' || true; }
