# Kernel settings that a cluster changes. They hold for the whole machine, so `down` puts them back.

SYSCTL=/proc/sys
# network_up, br_netfilter and the kubelet change them. ip_forward comes before accept_redirects, which the kernel changes with it.
KERNEL_SETTINGS=(net/ipv4/ip_forward net/ipv4/conf/all/accept_redirects
  net/bridge/bridge-nf-call-iptables net/bridge/bridge-nf-call-ip6tables net/bridge/bridge-nf-call-arptables
  vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes)

save_kernel_settings() {
  local name
  cp "$SYSCTL/kernel/random/boot_id" "$RUN/boot"
  # What is missing comes with br_netfilter: without that module it is as if it were off.
  for name in "${KERNEL_SETTINGS[@]}"; do echo "$name $(cat "$SYSCTL/$name" 2>/dev/null || echo 0)"; done >"$RUN/kernel-settings"
}

# False after a reboot: what the kernel has now is not what that cluster left.
is_of_this_boot() { [ "$(cat "$RUN/boot" 2>/dev/null)" = "$(<"$SYSCTL/kernel/random/boot_id")" ]; }

restore_kernel_settings() {
  local name value restored=()
  if [ ! -e "$RUN/kernel-settings" ] || ! is_of_this_boot; then return; fi
  while read -r name value; do
    if [ ! -e "$SYSCTL/$name" ] || [ "$(<"$SYSCTL/$name")" = "$value" ]; then continue; fi
    echo "$value" >"$SYSCTL/$name" || { say "could not put $name back to $value"; continue; }
    restored+=("${name//\//.}=$value")
  done <"$RUN/kernel-settings"
  [ ${#restored[@]} -eq 0 ] || say "kernel settings put back: ${restored[*]}"
}
