# What must hold before anything is started: each check fails with the reason and the remedy.

require_root() {
  [ "$(uname -s)" = Linux ] || fail "the local cluster needs Linux, this is $(uname -s)" "use CLUSTER=current with kind, minikube or another cluster"
  [ "$(id -u)" -eq 0 ] || fail "must be root: containers, mounts and network devices are made" "run it as root (sudo env \"PATH=\$PATH\" make …), or use CLUSTER=current with kind or minikube"
}

require_short_path() {
  # The longest socket below it must stay under the kernel's 108 bytes.
  [ ${#RUN} -le 64 ] || fail "the path $RUN is too long for Unix sockets" "set JANGAR_CACHE to a shorter path"
  case $RUN in *[!A-Za-z0-9/._-]*) fail "the path $RUN holds characters that configuration files would need quoted" "set JANGAR_CACHE to a plain path" ;; esac
}

cgroup_version() { if [ "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)" = cgroup2fs ]; then echo 2; else echo 1; fi; }

require_cgroups() {
  local controller missing=() wanted=(cpu cpuacct cpuset memory pids devices)
  local remedy="boot with cgroups enabled (cgroup_enable=memory); in a container use --privileged --cgroupns=host"
  if [ "$(cgroup_version)" = 2 ]; then
    wanted=(cpu cpuset memory pids)
    for controller in "${wanted[@]}"; do
      grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers || missing+=("$controller")
    done
  else
    for controller in "${wanted[@]}"; do
      [ -e "/sys/fs/cgroup/$controller/cgroup.procs" ] || missing+=("$controller")
    done
  fi
  [ ${#missing[@]} -eq 0 ] || fail "no cgroup controller for: ${missing[*]} (cgroup v$(cgroup_version))" "$remedy"
  [ -w /sys/fs/cgroup ] || fail "/sys/fs/cgroup is read-only" "$remedy"
}

# An older one does not speak the kubelet's protocol (CRI v1); 2 reads another configuration and names its shims' sockets elsewhere.
require_containerd() {
  local version
  version=$(containerd --version | awk '{ sub(/^v/, "", $3); print $3 }')
  case $version in
    1.[67].*) ;;
    *) fail "containerd $version ($(command -v containerd)) does not do: the cluster needs 1.6 or 1.7" "put one of these in its place, or use CLUSTER=current with kind or minikube" ;;
  esac
}

require_free_ports() {
  local port holder
  for port in $API_PORT $ETCD_PORT $ETCD_PEER_PORT $KUBELET_PORT $KUBELET_HEALTH_PORT 10249 10256 10257 10259; do
    holder=$(ss -Hltnp "sport = :$port")
    [ -z "$holder" ] || fail "port $port is taken: $(sed -n 's/.*users:((\(.*\)))$/\1/p' <<<"$holder" | head -1)" \
      "stop that process (another Kubernetes on this machine?), or use CLUSTER=current"
  done
}

require_free_addresses() {
  local route
  route=$(ip -4 route show to root 10.244.0.0/16; ip -4 route show to root "$SERVICE_CIDR")
  route=$(grep -v "dev $BRIDGE\b" <<<"$route" | head -1 || true)
  [ -z "$route" ] || fail "the cluster's addresses are in use on this machine: $route" "stop what uses them, or use CLUSTER=current"
}

require_space() { # GiB for what
  local free
  mkdir -p "$CACHE"
  free=$(df -Pk "$CACHE" | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
  [ "$free" -ge "$1" ] || fail "$CACHE has $free GiB free, $2 needs $1" "free some space, or set JANGAR_CACHE to another file system"
}

require_go() {
  local minimum=1.21 have
  command -v go >/dev/null || fail "Go is missing" "install Go $minimum or later from https://go.dev/dl/"
  have=$(cd / && go env GOVERSION)
  have=${have#go}
  # From 1.21 on Go fetches by itself the toolchain that a go.mod asks for.
  [ "$(printf '%s\n' $minimum "${have%%-*}" | sort -V | head -1)" = $minimum ] || fail "Go $have is too old" "install Go $minimum or later from https://go.dev/dl/"
}
