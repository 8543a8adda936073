# The programs of the node, in the order they are started.

COMPONENTS=(containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)

k() { "$KUBERNETES_BIN/kubectl" --kubeconfig "$ADMIN_KUBECONFIG" "$@"; }

start_component() {
  case $1 in
    containerd) spawn containerd containerd --config "$RUN/containerd/config.toml" ;;
    etcd) start_etcd ;;
    kube-apiserver) start_apiserver ;;
    kube-controller-manager) start_controller_manager ;;
    kube-scheduler) spawn kube-scheduler "$KUBERNETES_BIN/kube-scheduler" --kubeconfig="$PKI/scheduler.kubeconfig" --leader-elect=false \
      --kube-api-qps=500 --kube-api-burst=1000 ;;
    kubelet) start_kubelet ;;
    kube-proxy) start_proxy ;;
    *) fail "no such component: $1" "one of: ${COMPONENTS[*]}" ;;
  esac
}

# Returns once the component answers.
await_component() {
  case $1 in
    containerd) await containerd 30 "containerd answering" node_ctr version ;;
    kube-apiserver) await kube-apiserver 120 "kube-apiserver ready" k get --raw /readyz ;;
    kubelet) await kubelet 120 "node ready" kubelet_is_ready ;;
    *) is_running "$1" || fail "$1 ended: $(last_words "$1")" "see $LOGS/$1.log" ;;
  esac
}

start_etcd() {
  local peer=http://127.0.0.1:$ETCD_PEER_PORT client=http://127.0.0.1:$ETCD_PORT
  # The data goes with the cluster: nothing is won by waiting for the disk.
  spawn etcd "$ETCD_BIN/etcd" --data-dir "$RUN/etcd" --unsafe-no-fsync --logger zap --log-level warn \
    --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
}

start_apiserver() {
  spawn kube-apiserver "$KUBERNETES_BIN/kube-apiserver" \
    --etcd-servers="http://127.0.0.1:$ETCD_PORT" --secure-port="$API_PORT" --bind-address=0.0.0.0 --advertise-address="$NODE_IP" \
    --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-cluster-ip-range="$SERVICE_CIDR" --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$PKI/service-account.pub" --service-account-signing-key-file="$PKI/service-account.key" \
    --kubelet-client-certificate="$PKI/apiserver-kubelet-client.crt" --kubelet-client-key="$PKI/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$PKI/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --audit-policy-file="$RUN/audit/policy.yaml" --audit-log-path="$AUDIT_LOG" --audit-log-mode=blocking --audit-log-maxsize=10240
}

start_controller_manager() {
  # The default client limits allow three Jobs a second.
  spawn kube-controller-manager "$KUBERNETES_BIN/kube-controller-manager" --kubeconfig="$PKI/controller-manager.kubeconfig" --leader-elect=false \
    --use-service-account-credentials=true --service-account-private-key-file="$PKI/service-account.key" --root-ca-file="$PKI/ca.crt" \
    --flex-volume-plugin-dir="$RUN/volume-plugins" --kube-api-qps=500 --kube-api-burst=1000 --concurrent-job-syncs=20
}

start_kubelet() {
  spawn kubelet "$KUBERNETES_BIN/kubelet" --config="$RUN/kubelet.yaml" --kubeconfig="$PKI/kubelet.kubeconfig" --root-dir="$RUN/kubelet" \
    --cert-dir="$RUN/kubelet-pki" --hostname-override="$NODE" --node-ip="$NODE_IP"
}

start_proxy() {
  local masquerade=()
  if bridge_skips_iptables; then masquerade=(--masquerade-all); fi
  spawn kube-proxy "$KUBERNETES_BIN/kube-proxy" --kubeconfig="$PKI/proxy.kubeconfig" --hostname-override="$NODE" --proxy-mode=iptables \
    --cluster-cidr="$POD_CIDR" --iptables-localhost-nodeports=false --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
    --conntrack-tcp-timeout-close-wait=0 "${masquerade[@]}"
}

# The node's condition alone may be what an earlier kubelet wrote.
kubelet_is_ready() { (: <"/dev/tcp/127.0.0.1/$KUBELET_HEALTH_PORT") && node_is_ready; }
node_is_ready() { [ "$(k get node "$NODE" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }
dns_is_ready() { [ "$(k -n kube-system get deployment coredns -o 'jsonpath={.status.availableReplicas}')" = 1 ]; }
# Pods are refused in a namespace until it has its service account.
default_account_exists() { k -n default get serviceaccount default; }
