# Server of the control plane: kube-apiserver with etcd.
# They run in the foreground inside `control`; `down` ends whatever still runs there.
# shellcheck shell=bash

# stop NAME: ends a daemon of control, politely at first.
stop_daemon() {
  local file=$RUN/$1.pid pid
  if alive "$file" "$1"; then
    pid=$(cat "$file")
    kill -TERM "$pid"
    if ! (wait_until 10 "the end of $1" gone "$pid") 2>/dev/null; then kill_and_wait "$pid"; fi
  fi
  rm -f "$file"
}

control_listens() { [ -n "$(in_host control ss -Hltn "sport = :$1")" ]; }

# Sets PORT and FRESH.
server_options() {
  FRESH=''
  while [ $# -gt 0 ]; do
    case $1 in
      --port) PORT=${2:?port}; shift 2 ;;
      --fresh) FRESH=yes; shift ;;
      *) usage "$1?" ;;
    esac
  done
}

# --- the API server ------------------------------------------------------------------------------

apiserver() {
  local action=${1:-status} PORT=38687 FRESH
  [ $# -eq 0 ] || shift
  server_options "$@"
  need_root
  case $action in
    start) apiserver_start ;;
    stop)
      stop_daemon kube-apiserver
      stop_daemon etcd
      ;;
    status) if alive "$RUN/kube-apiserver.pid" kube-apiserver; then echo running; else echo stopped; return 3; fi ;;
    *) usage "apiserver: $action?" ;;
  esac
}

apiserver_start() {
  [ -x "$CACHE/kube-apiserver" ] || fail "kube-apiserver is missing (practice-site install apiserver)"
  local pki=$STATE/control/pki
  if [ -n "$FRESH" ] && ! alive "$RUN/etcd.pid" etcd; then rm -rf "$STATE/control/etcd"; fi
  mkdir -p "$pki" "$STATE/control/etcd"
  chmod 700 "$STATE/control/etcd"
  apiserver_certificates "$pki"
  if ! alive "$RUN/etcd.pid" etcd; then
    daemon control etcd etcd --data-dir "$STATE/control/etcd" --name control --unsafe-no-fsync \
      --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
      --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
      --initial-cluster control=http://127.0.0.1:2380
    wait_until 20 etcd control_listens 2379
  fi
  if ! alive "$RUN/kube-apiserver.pid" kube-apiserver; then
    control_listens "$PORT" && fail "port $PORT is taken on control"
    daemon control kube-apiserver "$CACHE/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
      --bind-address=0.0.0.0 "--secure-port=$PORT" --advertise-address=10.71.1.2 --endpoint-reconciler-type=none \
      "--tls-cert-file=$pki/server.crt" "--tls-private-key-file=$pki/server.key" "--client-ca-file=$pki/ca.crt" \
      --service-account-issuer=https://kubernetes.default.svc "--service-account-key-file=$pki/sa.key" \
      "--service-account-signing-key-file=$pki/sa.key" --service-cluster-ip-range=10.96.0.0/16 \
      --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount --event-ttl=1h
  fi
  kubeconfig "$pki" "https://localhost:$PORT" >"$SITE/kubeconfig"
  chmod 600 "$SITE/kubeconfig"
  local user
  for user in "${SITE_USERS[@]}"; do
    cp "$SITE/kubeconfig" "$SITE/home/$user/kubeconfig"
    chown --reference="$SITE/home/$user" "$SITE/home/$user/kubeconfig"
  done
  wait_until 60 kube-apiserver in_host control curl -sf --cacert "$pki/ca.crt" "https://localhost:$PORT/readyz"
}

apiserver_certificates() {
  (
    cd "$1" || exit
    umask 077
    if [ -s admin.crt ]; then exit 0; fi
    curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
    openssl req -x509 "${curve[@]}" -nodes -days 3650 -subj /CN=practice-ca -keyout ca.key -out ca.crt
    openssl ecparam -name prime256v1 -genkey -noout -out sa.key
    signed() { # NAME SUBJECT EXTENSION NEW-KEY...
      openssl req "${@:4}" -nodes -subj "$2" -keyout "$1.key" -out "$1.csr"
      openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" \
        -extfile <(echo "$3")
    }
    signed server /CN=kube-apiserver \
      'subjectAltName=DNS:localhost,DNS:control,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.71.1.2,IP:172.17.0.1' \
      "${curve[@]}"
    # As kubeadm does; not every client reads other keys from a kubeconfig.
    signed admin /O=system:masters/CN=admin 'extendedKeyUsage=clientAuth' -newkey rsa:2048
  ) 2>>"$LOG/kube-apiserver.log"
}

kubeconfig() { # PKI URL
  cat <<KUBECONFIG
apiVersion: v1
kind: Config
current-context: practice
clusters:
- name: practice
  cluster:
    server: $2
    certificate-authority-data: $(base64 -w0 "$1/ca.crt")
users:
- name: admin
  user:
    client-certificate-data: $(base64 -w0 "$1/admin.crt")
    client-key-data: $(base64 -w0 "$1/admin.key")
contexts:
- name: practice
  context:
    cluster: practice
    user: admin
KUBECONFIG
}

# --- applications --------------------------------------------------------------------------------

# What a user would run on a FABRIC VM, say, where a mapped port is the application's own.
app() {
  [ $# -eq 3 ] || usage "app HOST PORT start|stop"
  need_root
  local host
  host=$(host_of "$1")
  case $3 in
    start)
      if alive "$RUN/app-$host-$2.pid" application; then return 0; fi
      cp "$SITE_SOURCE/lib/application" "$SITE/lib/"
      daemon "$host" "app-$host-$2" setpriv --pdeathsig KILL "$SITE/lib/application" "$2"
      wait_until 5 "the application" app_listens "$host" "$2"
      ;;
    stop)
      if alive "$RUN/app-$host-$2.pid" application; then kill_and_wait "$(cat "$RUN/app-$host-$2.pid")"; fi
      rm -f "$RUN/app-$host-$2.pid"
      ;;
    *) usage "app: $3?" ;;
  esac
}

app_listens() { [ -n "$(in_host "$1" ss -Hltn "sport = :$2")" ]; }
