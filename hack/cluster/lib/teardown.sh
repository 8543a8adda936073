# Takes everything away that a cluster leaves on a machine, however it ended: stopped, killed, or by a reboot.

tear_down() {
  local name
  # The kubelet first: it would bring the others' work back. All state goes with the cluster, so nothing has to drain.
  for name in kubelet kube-proxy kube-scheduler kube-controller-manager kube-apiserver etcd; do stop_process "$name" 0; done
  kill_all pods pod_processes
  stop_process containerd 0
  kill_all "the cluster" stray_processes
  remove_shim_sockets
  unmount_below "$RUN"
  unmount_below "$IMAGE_STORE"
  network_down
  restore_kernel_settings
  rm -rf /var/lib/cni/results/jangar-*
  remove_log_links
  # Places that the kubelet and the CNI library make whatever they are told; they stay if they hold something of others.
  rmdir /var/lib/kubelet/device-plugins /var/lib/kubelet /var/lib/cni/results /var/lib/cni 2>/dev/null || true
  remove_cgroups
  # Never into a mount that would not go away: it may be a user's own directory.
  rm -rf --one-file-system "$RUN"
}

# Programs of ours that no pid file names any more: shims above all, which outlive containerd by design.
stray_processes() {
  local directory arguments
  for directory in /proc/[0-9]*; do
    { mapfile -d '' -t arguments <"$directory/cmdline"; } 2>/dev/null || continue
    [ ${#arguments[@]} -gt 0 ] || continue
    case ${arguments[0]##*/} in
      containerd | containerd-shim* | runc | etcd | kube-apiserver | kube-controller-manager | kube-scheduler | kubelet | kube-proxy)
        if [[ " ${arguments[*]}" == *"$RUN/"* ]]; then echo "${directory##*/}"; fi
        ;;
    esac
  done
}

# containerd puts them in a fixed place outside its state directory; each container's bundle names its own.
remove_shim_sockets() {
  local address
  for address in "$RUN"/containerd/state/io.containerd.runtime.v2.task/k8s.io/*/address; do
    [ -e "$address" ] || continue
    address=$(<"$address")
    case $address in unix:///run/containerd/s/*) rm -f "${address#unix://}" ;; esac
  done
  rmdir /run/containerd/s /run/containerd 2>/dev/null || true
}

mounts_below() { awk -v root="$1/" 'index($5, root) == 1 { print $5 }' /proc/self/mountinfo | sort -r; }

unmount_below() { # directory
  local point
  mounts_below "$1" | while read -r point; do umount "$point" 2>/dev/null || umount --lazy "$point" 2>/dev/null || true; done
  [ -z "$(mounts_below "$1")" ] || fail "still mounted: $(mounts_below "$1" | head -3 | tr '\n' ' ')" "find who uses it with: fuser -vm PATH"
}

# The kubelet links each container's log from this fixed place.
remove_log_links() {
  local link
  for link in /var/log/containers/*; do
    if [ -L "$link" ] && [[ $(readlink "$link") == "$RUN/"* ]]; then rm -f "$link"; fi
  done
  rmdir /var/log/containers 2>/dev/null || true
}
