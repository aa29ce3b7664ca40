##
## Before the rocket, in the queue script of a FireWorks agent (bash -l). FireWorks drops every line with two dollars.
##
# The LaunchPad, from the login node, as long as this job lasts.
jrm_login={{login}}

{{portTaken}}

# Lets go of the port; what rockets of other jobs have open through this ssh gets 10 s to end, so that jobs which end together
# do not cut each other off.
jrm_end_forward() {
    trap '' TERM
    if [ -S "$jrm_control/ssh" ]; then
        ssh -S "$jrm_control/ssh" -O cancel -L {{port}}:localhost:{{port}} {{sshPort}}"$jrm_login" 2>/dev/null
        ssh -S "$jrm_control/ssh" -O stop {{sshPort}}"$jrm_login" 2>/dev/null
        local tries=0
        while kill -0 "$jrm_ssh" 2>/dev/null && [ "$tries" -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    fi
    [ -z "$jrm_ssh" ] || kill "$jrm_ssh" 2>/dev/null
    exit 0
}
jrm_forward_launchpad() {
    local delay=1 began
    trap jrm_end_forward TERM
    trap '' INT HUP
    while :; do
        # Jobs that share this host share the port, too: the next one takes it when the one that has it ends.
        while jrm_port_taken {{port}}; do
            sleep 1 &
            jrm_ssh=$!
            wait "$jrm_ssh"
        done
        began=$SECONDS
        {{environment}}ssh {{options}} -o ControlMaster=yes -o ControlPath="$jrm_control/ssh" -L {{port}}:localhost:{{port}} {{sshPort}}"$jrm_login" </dev/null {{redirect}}&
        jrm_ssh=$!
        wait "$jrm_ssh"
{{refused}}
        if [ "$((SECONDS - began))" -ge 60 ]; then delay=1; fi
        echo "ssh to $jrm_login for the LaunchPad ended; trying again in $delay s" >&2
        sleep "$delay" &
        jrm_ssh=$!
        wait "$jrm_ssh"
        delay=$((delay < 30 ? delay * 2 : 60))
    done
}
# Not below TMPDIR: the path of a socket may have no more than some hundred characters.
jrm_control=$(mktemp -d /tmp/jrm.XXXXXXXX) || exit 73
jrm_ssh=
jrm_forward_launchpad &
jrm_launchpad=$!
trap 'kill "$jrm_launchpad" 2>/dev/null && wait "$jrm_launchpad"; rm -rf "$jrm_control"' EXIT
jrm_tries=0
# MongoDB waits for its client; ssh hangs up at once if nobody is there.
until (exec 3<>"/dev/tcp/localhost/{{port}}" && { read -r -t 0.5 -u 3 _; [ $? -ne 1 ]; }) 2>/dev/null; do
    jrm_tries=$((jrm_tries + 1))
    if [ "$jrm_tries" -gt 300 ]; then
        echo "the LaunchPad cannot be reached through $jrm_login on port {{port}}" >&2
        exit 69
    fi
    sleep 0.3
done
