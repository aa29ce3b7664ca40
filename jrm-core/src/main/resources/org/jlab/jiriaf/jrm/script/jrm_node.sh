##
## The script that the scripts of all nodes source: POSIX sh, for dash and bash 4.2 and newer. Lines that begin with ## stay
## here.
## {{name}} is replaced by a quoted word or by lines of script; see JrmScriptRenderer.
##
## How it ends everything that it started, and nothing else: it runs itself again with JRM_RUN in its environment,
## which every process below inherits, whatever group, session or parent it has later. The guard, a child that waits
## for the end of a pipe that only this script holds, kills what is left with that mark, also when this script is
## killed itself.
# What the scripts of all nodes of a job have in common: becomes one JRM, that is, opens its tunnels, waits for the API server,
# runs start.sh until the walltime is over.
# Usage, in the launch folder: sh NODE.sh VK_CMD [END]
#   VK_CMD  copy of the image's /vk-cmd
#   END     when the batch job ends, in seconds since 1970; 0 or nothing for no end
# Ends with 0 when the walltime is over or SIGUSR2 warned it, 143 when it was told to stop, 64 to 78 if it could not
# start (sysexits.h), else with the exit code of start.sh. NODE.exit holds code and reason.
set -u

export KUBECONFIG={{kubeconfig}}
export JIRIAF_WALLTIME={{walltime}}
export JIRIAF_NODETYPE={{nodetype}}
export JIRIAF_SITE={{site}}

case ${JRM_RUN:-} in
"$NODENAME".*) ;;
*)
    JRM_RUN=$NODENAME.$$.$(date +%s)
    export JRM_RUN
    exec sh "$0" "$@"
    ;;
esac

home=$PWD
dir=$home/$NODENAME
jrm=

log() {
    printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$NODENAME" "$*"
}

# Says why, ends everything, exits. Usage: finish CODE REASON [SECONDS], which the JRM gets to end
finish() {
    trap '' TERM INT HUP USR1 USR2 ALRM
    log "$2"
    stop_jrm "${3:-10}"
    exec 9>&-
    wait "$guard"
    printf '%s %s\n' "$1" "$2" >"$home/$NODENAME.exit"
    exit "$1"
}

walltime_over() {
    if [ -n "$jrm" ]; then
        finish 0 'the walltime is over' {{patience}}
    else
        finish 69 "the API server did not answer on localhost:{{apiserverPort}} before the walltime was over"
    fi
}

# Lets the kubelet end its pods while the tunnels still stand. Usage: stop_jrm SECONDS
stop_jrm() {
    [ -n "$jrm" ] || return 0
    kill -s TERM -- "-$jrm" 2>/dev/null || return 0
    tries=0
    while kill -s 0 -- "-$jrm" 2>/dev/null && [ "$tries" -lt "$(($1 * 10))" ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

remove_copy() {
    for file in "$vk_cmd"/*; do
        rm -rf "${dir:?}/${file##*/}"
    done
    rmdir "$dir" 2>/dev/null
    rm -f "$dir.ssh"
}

# Ends what is left when this script ends, in whatever way.
guard() {
    trap '' TERM INT HUP USR1 USR2
    read -r _
    kill_rest
    remove_copy
}

kill_rest() {
    read -r self _ </proc/self/stat
    tries=0
    while [ "$tries" -lt 50 ]; do
        killed=
        found=$(grep -lzxF "JRM_RUN=$JRM_RUN" /proc/[0-9]*/environ 2>/dev/null)
        for environ in $found; do
            pid=${environ#/proc/}
            pid=${pid%/environ}
            if [ "$pid" != "$self" ] && [ "$pid" != "$$" ] && kill -s KILL "$pid" 2>/dev/null; then
                killed=yes
            fi
        done
        [ -n "$killed" ] || return 0
        tries=$((tries + 1))
        sleep 0.1
    done
}

{{tunnelFunctions}}
# True if somebody behind the forward keeps the connection; ssh closes it at once if nobody is there.
api_answers() {
    # shellcheck disable=SC2016 # for bash, which alone has /dev/tcp
    bash -c 'exec 3<>"/dev/tcp/localhost/$1" && { read -r -t 0.5 -u 3 _; [ $? -ne 1 ]; }' bash {{apiserverPort}} 2>/dev/null
}

case ${2:-0} in *[!0-9]*) set -- ;; esac
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
    echo "usage: sh $0 VK_CMD [END], with VK_CMD a copy of the image's /vk-cmd" >&2
    exit 64
fi
vk_cmd=$1
now=$(date +%s)
end=0
[ "$JIRIAF_WALLTIME" -eq 0 ] || end=$((now + JIRIAF_WALLTIME))
if [ "${2:-0}" -gt 0 ] && { [ "$end" -eq 0 ] || [ "$2" -lt "$((end + {{margin}}))" ]; }; then
    end=$(($2 - {{margin}}))
fi

fifo=$(mktemp -u "${TMPDIR:-/tmp}/jrm.XXXXXXXX")
mkfifo -m 600 "$fifo" || exit 73
guard <"$fifo" &
guard=$!
exec 9>"$fifo" # closed in every child, so that the guard sees this script end
rm -f "$fifo"

trap 'finish 143 "told to stop"' TERM INT HUP USR1
trap 'finish 0 "warned that the job ends soon" {{patience}}' USR2
trap walltime_over ALRM
rm -f "$NODENAME.exit"
[ -r "$KUBECONFIG" ] || finish 66 "cannot read the kubeconfig $KUBECONFIG; copy it to this site"
if [ "$end" -gt 0 ]; then
    # Draining comes before the end.
    end=$((end - {{drain}}))
    [ "$end" -gt "$now" ] || walltime_over
    (
        exec 9>&-
        sleep "$((end - now))" && kill -s ALRM "$$"
    ) &
fi

# Hard links where the file system has them: a hundred nodes need the space of one copy.
mkdir -p "$dir"
cp -rl "$vk_cmd/." "$dir" 2>/dev/null || cp -r --remove-destination "$vk_cmd/." "$dir" ||
    finish 73 "cannot copy $vk_cmd to $dir"
[ -f "$dir/start.sh" ] || finish 65 "there is no start.sh in the image's /vk-cmd"
[ -x "$dir/start.sh" ] || finish 65 "start.sh in the image's /vk-cmd is not executable"

{{startTunnels}}
waited=0
until api_answers; do
    [ "$((waited % 60))" -ne 0 ] || log "waiting for the API server on localhost:{{apiserverPort}}"
    waited=$((waited + 1))
    sleep 0.3 &
    wait $!
done

if [ "$end" -gt 0 ]; then
    log "starting, until $(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ)"
else
    log 'starting, without a time limit'
fi
cd "$dir" || finish 73 "cannot enter $dir"
setsid ./start.sh "$KUBECONFIG" "$NODENAME" "$VKUBELET_POD_IP" "$KUBELET_PORT" "$JIRIAF_WALLTIME" \
    "$JIRIAF_NODETYPE" "$JIRIAF_SITE" </dev/null 9>&- &
jrm=$!
cd "$home" || finish 73 "cannot enter $home"
wait "$jrm"
code=$?
# A JRM that knows its walltime may be the first to end.
[ "$end" -eq 0 ] || [ "$(date +%s)" -lt "$((end - 5))" ] || walltime_over
finish "$code" "start.sh ended by itself with code $code after $(($(date +%s) - now)) s"
