# Slurm and munge. slurmctld runs on login01, one slurmd on each compute node.
# shellcheck shell=bash disable=SC2016 # `$` in single quotes is for the shell inside the host

# One munged for the whole site: its socket, in a folder that only munge may write, is mounted as
# /run/munge in every host.
munge_up() {
  if alive "$RUN/munged.pid" munged && [ -S "$RUN/munge/munge.socket.2" ]; then return 0; fi
  [ -s "$SITE/munge/key" ] || {
    mkdir -p "$SITE/munge"
    (umask 077 && head -c 1024 /dev/urandom >"$SITE/munge/key")
  }
  chmod 700 "$SITE/munge"
  chown -R munge: "$SITE/munge" "$RUN/munge"
  chmod 755 "$RUN/munge"
  daemon login01 munged setpriv --reuid=munge --regid=munge --clear-groups munged --foreground \
    --key-file "$SITE/munge/key" --seed-file "$SITE/munge/seed" --log-file "$SITE/munge/log" \
    --pid-file /run/munge/munged.pid --socket /run/munge/munge.socket.2
  wait_until 10 munged test -S "$RUN/munge/munge.socket.2"
}

slurm_up() {
  local host
  # Up to 15 jobs a minute, on average, get numbers that no later start repeats.
  [ -s "$RUN/first-job" ] || echo $(($(date +%s) / 4 % 60000000)) >"$RUN/first-job"
  sed "s|@NODES@|$(cat "$RUN/nodes")|; s|@LOG@|$LOG|; s|@FIRST_JOB@|$(cat "$RUN/first-job")|" \
    "$SITE_SOURCE/etc/slurm.conf" >"$SITE/etc/slurm/slurm.conf"
  cp "$SITE_SOURCE"/etc/{job_submit.lua,epilog.sh} "$SITE/etc/slurm/"
  slurmctld_runs || {
    touch "$LOG/slurmctld.log" "$LOG/slurm-jobs.log"
    chown slurm: "$LOG/slurmctld.log" "$LOG/slurm-jobs.log"
    in_host login01 install -d -o slurm /run/slurm /run/slurm/state
    in_host login01 slurmctld
  }
  wait_until 10 slurmctld in_host login01 scontrol ping
  for host in $(compute_names); do
    in_host "$host" bash -c '
      [ ! -s /run/slurm/slurmd.pid ] || ! kill -0 "$(cat /run/slurm/slurmd.pid)" 2>/dev/null || exit 0
      mkdir -p /run/slurm/spool && exec slurmd'
  done
  wait_until 60 "the compute nodes in Slurm" nodes_ready
}

slurmctld_runs() { in_host login01 bash -c 'kill -0 "$(cat /run/slurm/slurmctld.pid)"' 2>/dev/null; }

nodes_ready() {
  [ "$(in_host login01 sinfo -hN -o %T | grep -cE '^(idle|mixed|allocated|completing)$')" = "$(cat "$RUN/nodes")" ]
}
