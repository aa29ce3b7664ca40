##
## Before the rocket, in the queue script of a FireWorks agent (bash -l). FireWorks drops every line with two dollars.
##
# The LaunchPad, from the login node, as long as this job lasts.
jrm_login={{login}}
jrm_forward_launchpad() {
    local delay=1 began
    trap '[ -z "$jrm_ssh" ] || kill "$jrm_ssh" 2>/dev/null; exit 0' TERM
    trap '' INT HUP
    while :; do
        # Jobs that share this host share the port, too: the next one takes it when the one that has it ends.
        while (exec 3<>"/dev/tcp/localhost/{{port}}") 2>/dev/null; do
            sleep 1 &
            jrm_ssh=$!
            wait "$jrm_ssh"
        done
        began=$SECONDS
        {{environment}}ssh {{options}} -L {{port}}:localhost:{{port}} {{sshPort}}"$jrm_login" </dev/null {{redirect}}&
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
jrm_ssh=
jrm_forward_launchpad &
jrm_launchpad=$!
trap 'kill "$jrm_launchpad" 2>/dev/null' EXIT
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
