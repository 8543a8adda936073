# The base images that Dockerfiles start from, made here from Debian's and npm's registries, and kept as archives:
# docker.io/library/debian:bookworm-slim and docker.io/library/node:24-bookworm-slim.

DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
NODE_IMAGE=docker.io/library/node:24-bookworm-slim
BASE_RECIPE=$(fingerprint "$HERE/lib/base-recipes.sh" "$HERE"/images/node/*)
DEBIAN_ARCHIVE=$CACHE/images/debian-bookworm-slim-$BASE_RECIPE.tar
NODE_ARCHIVE=$CACHE/images/node-24-bookworm-slim-$BASE_RECIPE.tar

# A label says by which recipe an image was made.
base_is_made() { # image
  [ "$(bh inspect --type image --format '{{index .OCIv1.Config.Labels "jangar.recipe"}}' "$1" 2>/dev/null)" = "$BASE_RECIPE" ]
}
base_images_are_made() { prepare_storage && base_is_made "$DEBIAN_IMAGE" && base_is_made "$NODE_IMAGE"; }

make_base_images() {
  begin_building
  make_debian_image
  make_node_image
  unlocked images
}

cluster_images() {
  require_root
  install_packages
  build_binaries
  make_base_images
  make_system_images
}

make_debian_image() { base_image debian "$DEBIAN_IMAGE" "$DEBIAN_ARCHIVE" bootstrap_debian; }
make_node_image() { base_image node "$NODE_IMAGE" "$NODE_ARCHIVE" assemble_node; }

base_image() { # short-name image archive builder
  local name=$1 image=$2 archive=$3 builder=$4
  if base_is_made "$image"; then return; fi
  if [ -f "$archive" ]; then
    bh pull --quiet --signature-policy "$HERE/config/policy.json" "oci-archive:$archive:$image" >/dev/null
  else
    timed_quietly "$BUILD_LOGS/$name.log" "base image $image made" "$builder"
    mkdir -p "$CACHE/images"
    bh push --quiet --signature-policy "$HERE/config/policy.json" "$image" "oci-archive:$archive.partial:$image"
    rm -f "${archive%-*}"-*.tar
    mv "$archive.partial" "$archive"
  fi
}
