# The Debian packages the cluster stands on.

PACKAGES=(ca-certificates containerd runc buildah containernetworking-plugins conntrack debian-archive-keyring iptables iproute2 kmod mmdebstrap openssl jq)

package_missing() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" != installed ]; }

install_packages() {
  local package command missing=()
  if ! command -v apt-get >/dev/null; then
    for command in containerd ctr runc buildah conntrack iptables ip mmdebstrap openssl jq; do
      command -v "$command" >/dev/null || missing+=("$command")
    done
    [ ${#missing[@]} -eq 0 ] || fail "these programs are missing: ${missing[*]}" "this is no Debian: install them with this system's package manager"
    return
  fi
  for package in "${PACKAGES[@]}"; do
    if package_missing "$package"; then missing+=("$package"); fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing Debian packages: ${missing[*]}"
  timed "Debian packages installed" apt_install "${missing[@]}"
}

apt_install() {
  local log=$BUILD_LOGS/apt.log
  mkdir -p "$BUILD_LOGS"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1 ||
    fail "apt-get could not install $*: $(grep -m 3 -E '^(E|W|Err):?' "$log" | tr '\n' ' ')" "see $log; check the network and /etc/apt/sources.list*"
}

# Debian's place first, then the one the plugins' own releases use.
cni_directory() {
  local directory
  for directory in /usr/lib/cni /opt/cni/bin /usr/libexec/cni; do
    if [ -x "$directory/bridge" ]; then echo "$directory"; return; fi
  done
  fail "the CNI plugin 'bridge' is missing" "apt-get install containernetworking-plugins"
}
