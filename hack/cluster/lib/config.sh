# Configuration files, from the templates in config/.
# shellcheck disable=SC2034  # render reads them by name

# Replaces @NAME@ by the variable of that name.
render() { # template
  local name replacements=()
  for name in RUN PKI SOCKET IMAGE_STORE SNAPSHOTTER CNI_BIN BRIDGE POD_CIDR NODE DNS_IP DNS_FORWARD CGROUP PAUSE_IMAGE COREDNS_IMAGE; do
    replacements+=(-e "s|@$name@|${!name}|g")
  done
  sed "${replacements[@]}" "$HERE/config/$1"
}

write_config() {
  mkdir -p "$RUN/containerd" "$RUN/cni" "$RUN/audit" "$LOGS"
  CNI_BIN=$(cni_directory)
  SNAPSHOTTER=native
  if overlay_works "$RUN"; then SNAPSHOTTER=overlayfs; fi
  echo "$SNAPSHOTTER" >"$RUN/snapshotter"
  write_resolv_conf
  # Names outside the cluster are asked of the host's servers; without one CoreDNS says at once that it does not know.
  DNS_FORWARD=
  if [ -s "$RUN/resolv.conf" ]; then DNS_FORWARD='forward . /etc/resolv.conf'; fi
  render containerd.toml >"$RUN/containerd/config.toml"
  render cni.conflist >"$RUN/cni/10-jangar.conflist"
  render kubelet.yaml >"$RUN/kubelet.yaml"
  render audit-policy.yaml >"$RUN/audit/policy.yaml"
}

# Overlay mounts do not nest on every kernel: not, for one, inside a container whose own root is an overlay.
overlay_works() { # directory
  local trial=$1/overlay-trial works=1
  mkdir -p "$trial"/{lower,upper,work,merged}
  if mount -t overlay overlay -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" "$trial/merged" 2>/dev/null; then
    umount "$trial/merged"
    works=0
  fi
  rm -rf "$trial"
  return $works
}
