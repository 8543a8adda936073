# How the base images are made. A change of this file makes them again.

bootstrap_debian() {
  local directory container sources=()
  directory=$(mktemp -d "$CACHE/debian.XXXXXX")
  apt_settings >"$directory/apt.conf"
  mapfile -t sources < <(debian_sources)
  # shellcheck disable=SC2016  # mmdebstrap expands them
  # What is left out is what Debian's own slim images leave out; services are never started in a container.
  mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged,ca-certificates \
    --aptopt="$directory/apt.conf" --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
    --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/hostname" "$1/etc/resolv.conf"' \
    bookworm "$directory/root.tar" "${sources[@]}"
  container=$(bh from scratch)
  bh add --quiet "$container" "$directory/root.tar" / >/dev/null
  bh config --label "jangar.recipe=$BASE_RECIPE" --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd bash "$container"
  bh commit --quiet --rm --signature-policy "$HERE/config/policy.json" "$container" "$DEBIAN_IMAGE" >/dev/null
  rm -r "$directory"
}

# This machine's own mirrors where it is a bookworm itself; else Debian's.
debian_sources() {
  local file
  [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = bookworm ] || return 0
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    if [ -s "$file" ]; then echo "$file"; return; fi
  done
}

assemble_node() {
  local directory container modules
  directory=$(mktemp -d "$CACHE/node.XXXXXX")
  cp "$HERE"/images/node/package*.json "$directory"
  (cd "$directory" && NPM_CONFIG_GLOBALCONFIG=$(global_npmrc) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  modules=$directory/node_modules
  container=$(bh from --pull-never --signature-policy "$HERE/config/policy.json" "$DEBIAN_IMAGE")
  bh copy --quiet "$container" "$modules"/node-linux-*/bin/node /usr/local/bin/node >/dev/null
  bh copy --quiet "$container" "$modules/npm" /usr/local/lib/node_modules/npm >/dev/null
  bh copy --quiet --chmod 755 "$container" "$HERE/images/node/docker-entrypoint.sh" /usr/local/bin/docker-entrypoint.sh >/dev/null
  bh run --isolation chroot "$container" -- sh -euc '
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
    ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
    groupadd --gid 1000 node
    useradd --uid 1000 --gid node --shell /bin/bash --create-home node'
  bh config --label "jangar.recipe=$BASE_RECIPE" --entrypoint '["docker-entrypoint.sh"]' --cmd node "$container"
  bh commit --quiet --rm --signature-policy "$HERE/config/policy.json" "$container" "$NODE_IMAGE" >/dev/null
  rm -r "$directory"
}
