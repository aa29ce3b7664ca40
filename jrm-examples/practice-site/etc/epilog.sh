#!/bin/bash
# Run by slurmd as root when a job ends on a node. Sites track a job's processes with cgroups; here the
# ones that left its process tree (ssh -f, setsid) are found by the environment they inherited.
for environ in /proc/[0-9]*/environ; do
  pid=${environ#/proc/}
  pid=${pid%/environ}
  [ "$pid" != $$ ] || continue
  if tr '\0' '\n' <"$environ" 2>/dev/null | grep -qx "SLURM_JOB_ID=$SLURM_JOB_ID" \
    && [ "$(stat -c %u "/proc/$pid" 2>/dev/null)" = "$SLURM_JOB_UID" ]; then
    kill -KILL "$pid" 2>/dev/null
  fi
done
exit 0
