# Hosts: namespaces, the network between them, running commands inside.
# shellcheck shell=bash
#
# Each host has its own network, mount and UTS namespace; all but `control` and `switch` also their
# own PID namespace. So `control` sees this machine's files and processes (jrm and its tests run there
# with the same PIDs as outside, and `kill -9` of a `practice-site exec control ...` hits the program
# itself), and the site's hosts do not see each other's processes. Nothing is added to this machine's
# own network: the bridges live in a host of their own, `switch`.
#
#   wan      10.71.1.0/24   control .2   jump .3   fabric .4
#   site     10.71.2.0/24                jump .3               login01 .10
#   compute  10.71.3.0/24                                      login01 .10   n1 .101  n2 .102 ...
#
# No host forwards packets, so tunnels are the only way from control to login01 and to the nodes.

host_names() {
  local n
  printf '%s\n' control jump login01 fabric
  for ((n = 1; n <= $(cat "$RUN/nodes"); n++)); do echo "n$n"; done
}

compute_names() { host_names | grep '^n[0-9]'; }

host_addresses() {
  case $1 in
    control) printf '%s\n' 10.71.1.2 172.17.0.1 ;;
    jump) printf '%s\n' 10.71.1.3 10.71.2.3 ;;
    fabric) echo 10.71.1.4 ;;
    login01) printf '%s\n' 10.71.2.10 10.71.3.10 ;;
    n*) echo "10.71.3.$((100 + ${1#n}))" ;;
  esac
}

# `login` is another name of login01; anything unknown ends the program.
host_of() {
  case $1 in
    login) echo login01 ;;
    control | jump | login01 | fabric | switch) echo "$1" ;;
    n[0-9] | n[0-9][0-9] | n[0-9][0-9][0-9])
      [ "${1#n}" -le "$(cat "$RUN/nodes" 2>/dev/null || echo 0)" ] || fail "no such host: $1"
      echo "$1"
      ;;
    *) fail "no such host: $1" ;;
  esac
}

has_own_pids() { case $1 in control | switch) return 1 ;; esac }

host_runs() { alive "$RUN/hosts/$1.pid" "practice-host $1 $STATE"; }

host_pid() {
  host_runs "$1" || fail "$1 does not run (practice-site up)"
  cat "$RUN/hosts/$1.pid"
}

# The prefix that enters a host. nsenter rather than `ip netns exec`, which remounts /sys and so
# hides the cgroup tree from slurmd.
enter() {
  local pid
  pid=$(host_pid "$1")
  ENTER=(nsenter --target "$pid" --net --mount --uts)
  if has_own_pids "$1"; then ENTER+=(--pid); fi
}

in_host() {
  local -a ENTER
  enter "$1"
  shift
  "${ENTER[@]}" -- "$@"
}

# A program that stays in the foreground, run in the background inside a host. Its output goes to a log
# and its process id, as seen from outside, to a file.
daemon() { # HOST NAME COMMAND...
  local -a ENTER
  local name=$2
  enter "$1"
  shift 2
  setsid "${ENTER[@]}" -- "$@" </dev/null >>"$LOG/$name.log" 2>&1 &
  echo $! >"$RUN/$name.pid"
}

# As a site user with a login shell's environment.
in_host_as() { # USER HOST COMMAND...
  local -a AS
  as_user "$1"
  shift
  local host=$1
  shift
  in_host "$host" "${AS[@]}" "$@"
}

as_user() {
  local id
  id=$(awk -F: -v user="$1" '$1 == user { print $3 }' "$SITE/etc/passwd")
  [ -n "$id" ] || fail "no such user: $1"
  # shellcheck disable=SC2016 # expanded by the inner shell
  AS=(setpriv "--reuid=$id" "--regid=$id" --clear-groups
    env -i "HOME=/home/$1" "USER=$1" "LOGNAME=$1" "SHELL=/bin/bash" "LANG=C.UTF-8" "TERM=${TERM:-dumb}"
    bash -lc 'cd && exec "$@"' bash)
}

exec_in_host() {
  local user=
  if [ "${1:-}" = -u ]; then
    user=${2:?user}
    shift 2
  fi
  [ $# -ge 2 ] || usage "exec [-u USER] HOST COMMAND..."
  need_root
  local host
  host=$(host_of "$1")
  shift
  local -a ENTER AS=()
  enter "$host"
  if [ -n "$user" ]; then
    has_own_pids "$host" || fail "$host has no site users"
    as_user "$user"
  fi
  # In a PID namespace nsenter has to fork, so the program must be told to die with it. Entering a
  # mount namespace forgets the working directory.
  if has_own_pids "$host"; then
    exec "${ENTER[@]}" -- setpriv --pdeathsig KILL "${AS[@]}" "$@"
  fi
  exec "${ENTER[@]}" -- env -C "$PWD" "$@"
}

# --- up ------------------------------------------------------------------------------------------

host_start() { # one host's namespaces, in the background until its pid file is there
  local name=$1 kind=(--net --mount --uts)
  if has_own_pids "$name"; then kind+=(--pid --fork); fi
  rm -f "$RUN/hosts/$name.pid"
  setsid unshare "${kind[@]}" bash "$SITE/lib/host-init.sh" "$name" "$STATE" \
    </dev/null >>"$LOG/$name.log" 2>&1 &
}

# A host that an earlier `up` left without network is started anew, and all of them with the switch.
hosts_up() {
  local host
  local -a new=()
  mkdir -p "$RUN/hosts"
  if ! host_wired switch; then hosts_down; fi
  for host in switch $(host_names); do
    host_wired "$host" || new+=("$host")
  done
  [ ${#new[@]} -gt 0 ] || return 0
  for host in "${new[@]}"; do
    # shellcheck disable=SC2046 # a list of numbers
    kill_and_wait $(host_processes "$host")
    host_start "$host"
  done
  for host in "${new[@]}"; do wait_until 30 "host $host" host_runs "$host"; done
  for host in "${new[@]}"; do cables "$host"; done >"$RUN/cables"
  in_host switch ip -batch - <"$RUN/cables"
  for host in "${new[@]}"; do
    addresses "$host" | in_host "$host" ip -batch -
    cp "$RUN/hosts/$host.pid" "$RUN/hosts/$host.wired"
  done
}

host_wired() { host_runs "$1" && cmp -s "$RUN/hosts/$1.pid" "$RUN/hosts/$1.wired"; }

networks() {
  case $1 in
    control | fabric) echo wan ;;
    jump) echo wan site ;;
    login01) echo site compute ;;
    n*) echo compute ;;
  esac
}

cables() { # lines for `ip -batch`, in the switch
  local net
  if [ "$1" = switch ]; then
    for net in wan site compute; do
      echo "link add $net type bridge"
      echo "link set $net up addrgenmode none"
    done
    return
  fi
  for net in $(networks "$1"); do
    echo "link add $net-$1 type veth peer name $net netns $(host_pid "$1")"
    echo "link set $net-$1 master $net up addrgenmode none"
  done
}

addresses() { # lines for `ip -batch`, in the host
  local net address
  for net in $(networks "$1"); do
    echo "link set $net up addrgenmode none"
  done
  for address in $(host_addresses "$1"); do
    case $address in
      172.17.0.1) echo "addr add $address/32 dev lo" ;;
      10.71.1.*) echo "addr add $address/24 dev wan" ;;
      10.71.2.*) echo "addr add $address/24 dev site" ;;
      10.71.3.*) echo "addr add $address/24 dev compute" ;;
    esac
  done
}

# --- down ----------------------------------------------------------------------------------------

# Killing the first process of a PID namespace kills all of it. `control` has none: there every process
# in its network namespace goes. Hosts are found by their command line, so a lost pid file hides nothing.
hosts_down() {
  local pid netns other
  local -a control=()
  for pid in $(host_processes '(control|switch)'); do
    netns=$(readlink "/proc/$pid/ns/net" || true)
    [ "$netns" != "$(readlink /proc/self/ns/net)" ] || fail "not from inside the site"
    for other in /proc/[0-9]*; do
      [ "$(readlink "$other/ns/net" 2>/dev/null)" = "$netns" ] && control+=("${other#/proc/}")
    done
  done
  kill_and_wait "${control[@]}"
  # shellcheck disable=SC2046 # a list of numbers
  kill_and_wait $(host_processes '[a-z0-9]+')
}

host_processes() { pgrep -f "(^practice-host|/lib/host-init.sh) $1 $STATE( |\$)" || true; }

kill_and_wait() {
  local pid
  for pid in "$@"; do
    [ "$pid" = $$ ] || kill -KILL "$pid" 2>/dev/null || true
  done
  for pid in "$@"; do
    [ "$pid" = $$ ] || wait_until 10 "the end of process $pid" gone "$pid"
  done
}

gone() { ! [ -d "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# What listens on a host, for `status`.
host_services() {
  in_host "$1" ss -Hltnp 2>/dev/null \
    | sed -n 's/.*:\([0-9]*\) .*users:(("\([^"]*\)".*/\2:\1/p' | sort -u | tr '\n' ' '
  echo
}

# A listener of this machine in front of one of control's, to look at a page with one's own browser.
listen() {
  local port=${1:?port}
  need_root
  host_pid control >/dev/null
  say "127.0.0.1:$port -> control:$port, until interrupted"
  exec socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" \
    "EXEC:nsenter --target $(host_pid control) --net socat STDIO TCP\:127.0.0.1\:$port"
}
