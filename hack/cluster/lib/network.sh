# The bridge that pods hang on, forwarding and masquerading. Chains of our own hold every rule, so that they can be
# removed whole, whatever the host's own rules are (Docker, for one, drops what is forwarded).

network_up() {
  local module
  for module in overlay br_netfilter nf_conntrack; do modprobe "$module" 2>/dev/null || true; done
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
    ip address add "$NODE_IP/24" dev "$BRIDGE"
  fi
  ip link set "$BRIDGE" up
  echo 1 >"$SYSCTL/net/ipv4/ip_forward"
  # A pod that reaches a neighbour through a Service would otherwise get its answers past kube-proxy's translation.
  [ ! -e "$SYSCTL/net/bridge/bridge-nf-call-iptables" ] || echo 1 >"$SYSCTL/net/bridge/bridge-nf-call-iptables"
  iptables-restore --wait --noflush <<RULES
*filter
:JANGAR-FORWARD - [0:0]
-A JANGAR-FORWARD -i $BRIDGE -j ACCEPT
-A JANGAR-FORWARD -o $BRIDGE -j ACCEPT
-I FORWARD -j JANGAR-FORWARD
:JANGAR-INPUT - [0:0]
-A JANGAR-INPUT -i $BRIDGE -j ACCEPT
-I INPUT -j JANGAR-INPUT
COMMIT
*nat
:JANGAR-POSTROUTING - [0:0]
-A JANGAR-POSTROUTING -s $POD_CIDR ! -o $BRIDGE -j MASQUERADE
-A POSTROUTING -j JANGAR-POSTROUTING
COMMIT
RULES
}

# True where bridged packets skip iptables: services must then be masqueraded to find their way back.
bridge_skips_iptables() { [ ! -e "$SYSCTL/net/bridge/bridge-nf-call-iptables" ]; }

# kube-proxy's, the kubelet's and our own chains, and every rule that jumps to one of them. After a reboot chains with
# Kubernetes' names are another Kubernetes'.
network_down() {
  local command table rules prefixes=JANGAR
  if is_of_this_boot; then prefixes='KUBE|JANGAR'; fi
  for command in iptables ip6tables; do
    command -v "$command-save" >/dev/null || continue
    for table in raw mangle nat filter; do
      rules=$("$command-save" -t "$table" 2>/dev/null | chain_removal "$table" "$prefixes") || continue
      [ -z "$rules" ] || "$command-restore" --wait --noflush <<<"$rules"
    done
  done
  remove_bridge
}

# The kernel removes a dead pod's end of a cable when it gets to it: not always before `down` returns.
remove_bridge() {
  local cable
  for cable in "/sys/class/net/$BRIDGE"/brif/*; do
    [ ! -e "$cable" ] || ip link delete "${cable##*/}" 2>/dev/null || true
  done
  ip link delete "$BRIDGE" 2>/dev/null || true
}

# Reads a table as iptables-save prints it, writes what removes the chains.
chain_removal() { # table prefixes
  awk -v table="$1" -v ours="^($2)-" '
    /^:/ { chain = substr($1, 2); if (chain ~ ours) { flush = flush $1 " - [0:0]\n"; drop = drop "-X " chain "\n" } }
    /^-A/ && $2 !~ ours { for (i = 3; i < NF; i++) if (($i == "-j" || $i == "-g") && $(i + 1) ~ ours) { sub(/^-A/, "-D"); jumps = jumps $0 "\n"; break } }
    END { if (flush != "") printf "*%s\n%s%s%sCOMMIT\n", table, flush, jumps, drop }'
}

# The host's name servers as pods can reach them: one on loopback (systemd-resolved) is the pod's own loopback there.
write_resolv_conf() {
  local file
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    [ -r "$file" ] || continue
    grep -E '^nameserver ' "$file" | grep -vE '^nameserver (127\.|::1)' >"$RUN/resolv.conf" && return
  done
  # A file without a server would make CoreDNS forward to itself.
  : >"$RUN/resolv.conf"
}
