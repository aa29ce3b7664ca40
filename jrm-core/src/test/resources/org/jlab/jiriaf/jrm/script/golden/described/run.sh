set -u
image=jlabtsai/vk-cmd:main
set -- jrm-described-a1b2c3d4 jrm-described-a1b2c3d5
copy=
started=
code=0

# Usage: pass_on SIGNAL. Called in the middle of a wait: it leaves the variables of the rest alone.
# shellcheck disable=SC2317 # called by trap
pass_on() {
    for target in $started; do
        kill -s "$1" "$target" 2>/dev/null
    done
}

# A second signal finds nothing left to do.
# shellcheck disable=SC2317 # called by trap
stop() {
    trap '' TERM INT HUP
    code=143
    pass_on USR1 # srun kills its tasks at SIGTERM
}

leave() {
    [ -z "$copy" ] || rm -rf "$copy"
    exit "$1"
}

# When Slurm ends this job, if it says so.
end=0
if [ -n "${SLURM_JOB_ID:-}" ]; then
    end=${SLURM_JOB_END_TIME:-}
    if [ -z "$end" ]; then
        end=$(squeue -h -j "$SLURM_JOB_ID" -o %e 2>/dev/null)
        end=$(date -d "${end:-unknown}" +%s 2>/dev/null) || end=0
    fi
fi

# /vk-cmd out of the image, once for all nodes.
trap 'leave 143' TERM INT HUP
mkdir -p logs
copy=$(mktemp -d "$PWD/image.XXXXXXXX") || leave 73
container=$(podman-hpc create "$image" true) && podman-hpc cp "$container:/vk-cmd" "$copy"
[ -z "$container" ] || podman-hpc rm "$container" >/dev/null
if [ ! -d "$copy/vk-cmd" ]; then
    echo "cannot fetch /vk-cmd from the image $image" >&2
    leave 69
fi

trap stop TERM INT HUP
trap 'pass_on USR2' USR2
for node; do
    srun --nodes=1 --ntasks=1 '--cpu-bind=none' '--comment=a b' sh "./$node.sh" "$copy/vk-cmd" "$end" >"logs/$node.log" 2>&1 &
    started="$started $!"
done
for pid in $started; do
    # A signal ends wait, but not yet the script.
    while :; do
        wait "$pid"
        ended=$?
        kill -s 0 "$pid" 2>/dev/null || break
    done
    [ "$code" -ne 0 ] || code=$ended
done

for node; do
    read -r ended reason 2>/dev/null <"$node.exit" || { ended='?'; reason='ended without a word'; }
    [ "$ended" != 0 ] || continue
    echo "$node: $ended: $reason (see $PWD/logs/$node.log)" >&2
    # srun ends with 0 when a compute node fails.
    [ "$code" -ne 0 ] || code=1
done
leave "$code"
