# Settings, messages and waiting. Sourced by practice-site.
# shellcheck shell=bash disable=SC2034 # used by the other parts

STATE=${JRM_PRACTICE_STATE:-/var/lib/jrm-practice-site}
CACHE=$STATE/cache # what `install` built: survives down and purge
SITE=$STATE/site   # keys, homes, configuration: survives down
RUN=$STATE/run     # of the running site: gone after down
LOG=$STATE/log

SITE_USERS=(keyuser certuser pwuser otpuser ubuntu)

# Everything is found however lean the caller's PATH is.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf 'practice-site: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

usage() {
  say "$*"
  say "see: practice-site help"
  exit 2
}

need_root() { [ "$(id -u)" = 0 ] || fail "needs root"; }

# These places are hidden inside the hosts, or closed to the site's users.
check_state_place() {
  case $STATE/ in
    /tmp/* | /run/* | /home/* | /root/*) fail "JRM_PRACTICE_STATE must not lie in ${STATE%"${STATE#/*/}"}: the hosts have their own" ;;
    /*) ;;
    *) fail "JRM_PRACTICE_STATE must be an absolute path" ;;
  esac
}

# wait_until SECONDS WHAT COMMAND...: until the command succeeds, or fail at the deadline.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "gave up waiting for $what"
    sleep 0.1
  done
}

# Is the process whose id is in the file alive, and still that program?
alive() { # FILE PATTERN
  local pid
  [ -s "$1" ] && pid=$(cat "$1") && [ -r "/proc/$pid/cmdline" ] \
    && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "$2"
}

logs() {
  if [ $# -eq 0 ]; then
    (cd "$LOG" && ls -l)
  else
    cat "$LOG/${1%.log}.log"
  fi
}
