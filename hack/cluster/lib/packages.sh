# The Debian packages the cluster stands on.

PACKAGES=(ca-certificates containerd runc buildah containernetworking-plugins conntrack debian-archive-keyring iptables iproute2 kmod mmdebstrap openssl jq)

# What a package is installed for, where another one may have brought it: Docker's containerd.io holds containerd and runc.
programs_of() { # package
  case $1 in
    containerd) echo containerd ctr containerd-shim-runc-v2 ;;
    iptables) echo iptables iptables-save iptables-restore ;;
    iproute2) echo ip ss ;;
    runc | buildah | conntrack | mmdebstrap | openssl | jq) echo "$1" ;;
  esac
}

missing_programs() { # package
  local program
  for program in $(programs_of "$1"); do command -v "$program" >/dev/null || echo "$program"; done
}

package_missing() { # package
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" != installed ] || return 1
  [ -z "$(programs_of "$1")" ] || [ -n "$(missing_programs "$1")" ]
}

install_packages() {
  local package missing=()
  if ! command -v apt-get >/dev/null; then
    mapfile -t missing < <(for package in "${PACKAGES[@]}"; do missing_programs "$package"; done)
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

# Nothing is removed for it: Docker's containerd.io, for one, conflicts with Debian's containerd and runc, and dockerd would go with it.
apt_install() { # package…
  local log=$BUILD_LOGS/apt.log removed
  local -x DEBIAN_FRONTEND=noninteractive LC_ALL=C
  mkdir -p "$BUILD_LOGS"
  if { apt-get update && apt-get install --yes --no-remove --no-install-recommends "$@"; } >"$log" 2>&1; then return; fi
  removed=$(awk '/will be REMOVED:/ { list = 1; next } list && !/^ / { exit } list { $1 = $1; printf "%s ", $0 }' "$log")
  [ -z "$removed" ] || fail "Debian's $* cannot be installed beside what is there: apt-get would remove ${removed% }" \
    "use CLUSTER=current with kind or minikube, or remove these packages yourself if nothing needs them"
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
