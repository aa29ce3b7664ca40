#!/bin/bash
# First process of a host: lays out its files, then waits and reaps. Started in new namespaces.
# Usage: host-init.sh NAME STATE
set -euo pipefail
name=$1 state=$2
site=$state/site

# The process id as seen outside: /proc is still the outer one here.
read -r pid _ </proc/self/stat

hostname "$name"
ip link set lo up
bind() { mount --bind "$site/etc/$1" "/etc/$1"; }

# Routing is off even where the machine itself routes (Docker switches it on).
echo 0 >/proc/sys/net/ipv4/ip_forward

case $name in
  switch) ;;
  control)
    bind hosts
    ;;
  *)
    mount -t proc proc /proc
    mount -t tmpfs -o mode=755 tmpfs /run
    mount -t tmpfs -o mode=1777 tmpfs /tmp
    mkdir -p /run/sshd /run/munge /run/lock
    for file in hosts passwd group shadow slurm pam.d/sshd profile.d; do bind "$file"; done
    if [[ $name == n[0-9]* ]]; then mount --bind "$site/etc/hosts.compute" /etc/hosts; fi
    mount --bind "$state/run/munge" /run/munge
    mount --bind "$site/home" /home
    mount --bind "$site/bin" /usr/local/bin
    # Names that no file knows must fail at once: there is no name server.
    if [ -e /etc/resolv.conf ]; then mount --bind /dev/null /etc/resolv.conf; fi
    # A machine without batch system.
    if [ "$name" = fabric ]; then
      for tool in sacct salloc sbatch scancel scontrol sinfo squeue srun; do
        mount --bind "$site/lib/command-not-found" "/usr/bin/$tool"
      done
    fi
    # The codes that were used are kept per host.
    install -m 600 "$site/etc/users.oath" /run/users.oath
    ;;
esac

echo "$pid" >"$state/run/hosts/$name.pid"

# sleep is enough where PID 1 is this machine's; elsewhere bash stays, as it reaps orphans.
case $name in
  switch | control) exec -a "practice-host $name $state" sleep infinity ;;
  *) exec -a "practice-host $name $state" bash -c 'while :; do sleep 86400 & wait; done' ;;
esac
