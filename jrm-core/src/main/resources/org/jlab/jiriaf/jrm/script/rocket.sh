##
## The batch script of a launch that jrm makes over SSH, behind its directives: what FireWorks' rocket does, without Python
## and without the LaunchPad. It reports through files in the folder rocket/, which jrm reads.
##
cd {{folder}} || exit 73
# Only one job ever runs a launch: a submission that was thought lost finds this folder there and ends.
if ! mkdir rocket; then
    echo "this launch has been taken by another job, or given up" >&2
    exit 75
fi
echo "${SLURM_JOB_ID:-${JRM_JOB_ID:-}}" >rocket/job
{{prologue}}

# Usage: pass_on SIGNAL. A second one finds nothing left to do.
# shellcheck disable=SC2317,SC2329 # called by trap
pass_on() {
    kill -s "$1" "$tasks" 2>/dev/null
}

trap 'pass_on TERM' TERM INT HUP
trap 'pass_on USR2' USR2
sh ./tasks.sh 2>rocket/errors &
tasks=$!
# A signal ends wait, but not yet the tasks.
while :; do
    wait "$tasks"
    code=$?
    kill -s 0 "$tasks" 2>/dev/null || break
done
trap '' TERM INT HUP USR2
cat rocket/errors >&2
echo "$code" >rocket/exit.part && mv rocket/exit.part rocket/exit
exit "$code"
