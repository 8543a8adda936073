# The cluster's certificates, made anew for each start.

make_pki() {
  mkdir -p "$PKI"
  chmod 700 "$PKI"
  new_key ca
  openssl req -x509 -new -key "$PKI/ca.key" -subj /CN=jangar-local -days 3650 -out "$PKI/ca.crt"
  new_key service-account
  openssl ec -in "$PKI/service-account.key" -pubout -out "$PKI/service-account.pub" 2>/dev/null
  certificate apiserver /CN=kube-apiserver \
    "IP:127.0.0.1,IP:$SERVICE_IP,IP:$NODE_IP,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate kubelet "/O=system:nodes/CN=system:node:$NODE" "IP:127.0.0.1,IP:$NODE_IP,DNS:$NODE"
  certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate proxy /CN=system:kube-proxy
  certificate admin /O=system:masters/CN=kubernetes-admin
  local name
  for name in kubelet controller-manager scheduler proxy; do kubeconfig_for "$name" >"$PKI/$name.kubeconfig"; done
  (umask 077 && kubeconfig_for admin >"$ADMIN_KUBECONFIG")
}

new_key() { (umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/$1.key"); }

certificate() { # name subject [subjectAltName]
  new_key "$1"
  openssl req -new -key "$PKI/$1.key" -subj "$2" -out "$PKI/$1.csr"
  openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial -days 3650 -out "$PKI/$1.crt" \
    -extfile <(echo "extendedKeyUsage=serverAuth,clientAuth"; [ -z "${3:-}" ] || echo "subjectAltName=$3") 2>/dev/null
  rm "$PKI/$1.csr"
}

kubeconfig_for() { # name
  cat <<YAML
apiVersion: v1
kind: Config
clusters:
  - name: jangar-local
    cluster:
      server: https://127.0.0.1:$API_PORT
      certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
      client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts:
  - name: jangar-local
    context: {cluster: jangar-local, user: $1}
current-context: jangar-local
YAML
}
