# sshd as sites run it.
# shellcheck shell=bash disable=SC2016 # `$` in single quotes is for the shell inside the host

# How long a vanished client's remote forwards stay taken: CLIENT_ALIVE x 3 seconds. 0 is OpenSSH's
# default (never asked); sites differ.
CLIENT_ALIVE=${JRM_PRACTICE_CLIENT_ALIVE:-60}

sshd_config() {
  cat <<CONFIG
Port 22
HostKey $SITE/hostkeys/$1
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
AllowUsers ${2:-*}

# From the compute nodes every user comes with the key in the shared home.
Match Address 10.71.3.0/24
    AuthorizedKeysFile .ssh/authorized_keys
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
  local users='keyuser certuser pwuser otpuser'
  if [ "$1" = fabric ]; then users=ubuntu; fi
  sshd_config "$1" "$users" >"$SITE/etc/sshd_config.$1"
  in_host "$1" /usr/sbin/sshd -f "$SITE/etc/sshd_config.$1" -E "$LOG/sshd-$1.log"
  wait_until 5 "sshd on $1" sshd_listens "$1"
}

sshd_listens() { [ -n "$(in_host "$1" ss -Hltn 'sport = :22')" ]; }

# The host has its own PID namespace, so its sshd processes are all and only this site's.
sshd() {
  [ $# -eq 2 ] || usage "sshd HOST stop|start|kill-sessions|kill|status"
  need_root
  local host
  host=$(host_of "$1")
  case $host in jump | login01 | fabric) ;; *) fail "$host has no sshd" ;; esac
  case $2 in
    start) sshd_up "$host" ;;
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
