# The site's FireWorks agents, and lpad on the control plane.
# shellcheck shell=bash

# An agent runs as a site user on the login node (or on the FABRIC VM, which has no batch system), from
# ~/fw-CATEGORY; rockets start in ~/launches-CATEGORY.
agent() {
  local action=${1:-status} version=1.9.7 category=perlmutter user='' host='' port=27017 name=jiriaf login=''
  [ $# -eq 0 ] || shift
  while [ $# -gt 0 ]; do
    case $1 in
      --version) version=${2:?version}; shift 2 ;;
      --category) category=${2:?category}; shift 2 ;;
      --user) user=${2:?user}; shift 2 ;;
      --host) host=${2:?host}; shift 2 ;;
      --launchpad-port) port=${2:?port}; shift 2 ;;
      --launchpad-name) name=${2:?database}; shift 2 ;;
      --launchpad-user) login=${2:?user}; shift 2 ;;
      *) usage "agent: $1?" ;;
    esac
  done
  [[ $category =~ ^[a-zA-Z0-9_.-]+$ ]] || usage "agent: not a category: $category"
  need_root
  agent_place
  case $action in
    start) agent_start ;;
    stop) agent_stop ;;
    status) if agent_runs; then echo "running on $host as $user"; else echo stopped; return 3; fi ;;
    *) usage "agent: $action?" ;;
  esac
}

# Which user a site's agent runs as, unless told otherwise: the one with that site's kind of login.
agent_place() {
  case $category in
    fabric*) user=${user:-ubuntu} host=${host:-fabric} ;;
    ornl*) user=${user:-pwuser} ;;
    test*) user=${user:-keyuser} ;;
    *) user=${user:-certuser} ;;
  esac
  host=$(host_of "${host:-login01}")
}

agent_start() {
  local config=/home/$user/fw-$category files=$SITE/home/$user/fw-$category
  local environment=$CACHE/fireworks-$version
  [ -x "$environment/bin/qlaunch" ] || fail "no FireWorks $version here (1.9.7 or new)"
  if agent_runs; then agent_stop; fi
  mkdir -p "$files" "$SITE/home/$user/launches-$category" "$RUN/agents"
  launchpad_file "$files/my_launchpad.yaml" "$port" "$name" "$login" "${JRM_PRACTICE_LAUNCHPAD_PASSWORD:-}"
  printf '%s\n' "category: $category" "name: $category" "query: '{}'" >"$files/my_fworker.yaml"
  # Sites activate conda in pre_rocket; a profile that does not gets the full path.
  local rlaunch=$environment/bin/rlaunch
  case $category in perlmutter* | ornl*) rlaunch=rlaunch ;; esac
  cat >"$files/my_qadapter.yaml" <<YAML
_fw_name: CommonAdapter
_fw_q_type: SLURM
_fw_template_file: $config/queue_template.yaml
rocket_launch: $rlaunch -c $config singleshot
nodes:
walltime:
constraint:
account:
job_name:
logdir: $config
pre_rocket:
post_rocket:
YAML
  cp "$SITE_SOURCE/etc/queue_template.yaml" "$files/"
  cp "$SITE_SOURCE/lib/agent-loop" "$SITE/lib/"
  chown -R --reference="$SITE/home/$user" "$files" "$SITE/home/$user/launches-$category"
  chmod 600 "$files/my_launchpad.yaml"
  local -a AS
  as_user "$user"
  daemon "$host" "agent-$category" "${AS[@]}" env "JRM_PRACTICE_FIREWORKS=$environment" \
    setsid --wait "$SITE/lib/agent-loop" "$config" "/home/$user/launches-$category" "$port" "$host"
  wait_until 5 "the agent" agent_runs
}

agent_runs() {
  in_host "$host" pgrep -f "^/bin/bash $SITE/lib/agent-loop /home/$user/fw-$category " >/dev/null
}

# The agent leads its own session; what it started on the login node goes with it, batch jobs stay.
agent_stop() {
  local pid
  for pid in $(in_host "$host" pgrep -f "^/bin/bash $SITE/lib/agent-loop /home/$user/fw-$category " || true); do
    in_host "$host" kill -TERM -- "-$pid" 2>/dev/null || true
  done
  if ! (wait_until 10 "the agent's end" agent_gone) 2>/dev/null; then
    for pid in $(in_host "$host" pgrep -f "^/bin/bash $SITE/lib/agent-loop /home/$user/fw-$category " || true); do
      in_host "$host" kill -KILL -- "-$pid" 2>/dev/null || true
    done
  fi
}

agent_gone() { ! agent_runs; }

launchpad_file() { # FILE PORT DATABASE USER PASSWORD
  umask 077
  cat >"$1" <<YAML
host: localhost
logdir:
mongoclient_kwargs: {}
name: $3
password: ${5:+"'${5//\'/\'\'}'"}
port: $2
strm_lvl: INFO
uri_mode: false
user_indices: []
username: ${4:-}
wf_user_indices: []
YAML
  umask 022
}

# lpad as a user of the control plane has it.
lpad() {
  local version=1.9.7
  if [ "${1:-}" = --version ]; then
    version=${2:?version}
    shift 2
  fi
  need_root
  [ -e "$SITE/my_launchpad.yaml" ] || launchpad_file "$SITE/my_launchpad.yaml" 27017 jiriaf '' ''
  in_host control env -C "$PWD" "$CACHE/fireworks-$version/bin/lpad" -l "$SITE/my_launchpad.yaml" "$@"
}
