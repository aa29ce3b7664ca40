# sshd as sites run it.
# shellcheck shell=bash disable=SC2016 # `$` in single quotes is for the shell inside the host

# How long a vanished client's remote forwards stay taken: CLIENT_ALIVE x 3 seconds. 0 is OpenSSH's
# default (never asked); sites differ.
CLIENT_ALIVE=${JRM_PRACTICE_CLIENT_ALIVE:-60}

# HOST USERS [OPTION...]: sshd takes the first of two values, so what is asked for comes before what is usual.
sshd_config() {
  local host=$1 users=$2
  shift 2
  if [ $# -gt 0 ]; then printf '%s\n' "$@"; fi
  cat <<CONFIG
Port 22
HostKey $SITE/hostkeys/$host
PidFile /run/sshd.pid
UsePAM yes
UseDNS no
PrintMotd no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile $SITE/authorized_keys/%u
TrustedUserCAKeys $SITE/keys/ca.pub
GatewayPorts no
AllowTcpForwarding yes
MaxSessions 10
MaxStartups 10:30:100
ClientAliveInterval $CLIENT_ALIVE
ClientAliveCountMax 3
Subsystem sftp internal-sftp
AllowUsers $users

# From the compute nodes every user comes with the key in the shared home.
Match Address 10.71.3.0/24
    AuthorizedKeysFile .ssh/authorized_keys
Match User pwuser Address 10.71.3.0/24
    PasswordAuthentication yes
Match User pwuser Address *,!10.71.3.0/24
    PasswordAuthentication yes
    AuthenticationMethods password
Match User otpuser Address *,!10.71.3.0/24
    KbdInteractiveAuthentication yes
    AuthenticationMethods keyboard-interactive
CONFIG
}

sshd_up() {
  if sshd_listens "$1"; then return 0; fi
  local host=$1 users='keyuser certuser pwuser otpuser'
  shift
  if [ "$host" = fabric ]; then users=ubuntu; fi
  sshd_config "$host" "$users" "$@" >"$SITE/etc/sshd_config.$host"
  in_host "$host" /usr/sbin/sshd -f "$SITE/etc/sshd_config.$host" -E "$LOG/sshd-$host.log"
  wait_until 5 "sshd on $host" sshd_listens "$host"
}

sshd_listens() { [ -n "$(in_host "$1" ss -Hltn 'sport = :22')" ]; }

# The host has its own PID namespace, so its sshd processes are all and only this site's.
sshd() {
  if [ $# -lt 2 ] || { [ $# -gt 2 ] && [ "$2" != start ]; }; then
    usage "sshd HOST stop|start [OPTION...]|kill-sessions|kill|status"
  fi
  need_root
  local host
  host=$(host_of "$1")
  case $host in jump | login01 | fabric) ;; *) fail "$host has no sshd" ;; esac
  case $2 in
    start) sshd_up "$host" "${@:3}" ;;
    stop)
      in_host "$host" bash -c '[ ! -e /run/sshd.pid ] || { kill "$(cat /run/sshd.pid)"; rm -f /run/sshd.pid; }' || true
      wait_until 5 "sshd's end" sshd_quiet "$host"
      ;;
    kill-sessions) in_host "$host" bash -c 'pgrep -x sshd | grep -vx "$(cat /run/sshd.pid 2>/dev/null)" | xargs -r kill -KILL' || true ;;
    kill)
      in_host "$host" bash -c 'pgrep -x sshd | xargs -r kill -KILL; rm -f /run/sshd.pid'
      wait_until 5 "sshd's end" sshd_quiet "$host"
      ;;
    status) if sshd_listens "$host"; then echo running; else echo stopped; fi ;;
    *) usage "sshd: $2?" ;;
  esac
}

sshd_quiet() { ! sshd_listens "$1"; }
