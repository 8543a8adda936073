# Configuration files, from the templates in config/.

render() { # template
  sed -e "s|@RUN@|$RUN|g" -e "s|@IMAGE_STORE@|$IMAGE_STORE|g" -e "s|@PKI@|$PKI|g" -e "s|@SOCKET@|$SOCKET|g" -e "s|@LOGS@|$LOGS|g" -e "s|@CNI_BIN@|$CNI_BIN|g" \
    -e "s|@BRIDGE@|$BRIDGE|g" -e "s|@POD_CIDR@|$POD_CIDR|g" -e "s|@DNS_IP@|$DNS_IP|g" -e "s|@KUBELET_PORT@|$KUBELET_PORT|g" \
    -e "s|@KUBELET_HEALTH_PORT@|$KUBELET_HEALTH_PORT|g" -e "s|@CGROUP@|$CGROUP|g" -e "s|@SNAPSHOTTER@|$SNAPSHOTTER|g" -e "s|@PAUSE_IMAGE@|$PAUSE_IMAGE|g" -e "s|@COREDNS_IMAGE@|$COREDNS_IMAGE|g" \
    -e "s|@FORWARD@|$(dns_forward)|g" "$HERE/config/$1"
}

write_config() {
  mkdir -p "$RUN/containerd" "$RUN/cni" "$RUN/audit" "$LOGS"
  CNI_BIN=$(cni_directory)
  SNAPSHOTTER=native
  if overlay_works "$RUN"; then SNAPSHOTTER=overlayfs; fi
  echo "$SNAPSHOTTER" >"$RUN/snapshotter"
  write_resolv_conf
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

# Names outside the cluster are asked of the host's servers; without one CoreDNS says at once that it does not know.
dns_forward() { if [ -s "$RUN/resolv.conf" ]; then echo "forward . /etc/resolv.conf"; fi; }
