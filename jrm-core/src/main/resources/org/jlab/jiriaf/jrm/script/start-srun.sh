# One srun; each task takes the script of its rank.
# shellcheck disable=SC2016 # for the shell of each task
srun --nodes="$#" --ntasks="$#" --ntasks-per-node=1 --kill-on-bad-exit=0 --wait=0{{options}} \
    sh -c 'vk_cmd=$1 end=$2; shift 2; shift "$SLURM_PROCID"
        exec sh "./$1.sh" "$vk_cmd" "$end" >"logs/$1.log" 2>&1' jrm "$copy/vk-cmd" "$end" "$@" &
started=$!
