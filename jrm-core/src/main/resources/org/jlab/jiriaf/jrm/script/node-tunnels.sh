login={{login}}

{{portTaken}}

# Keeps one ssh to the login node with all forwards of this node; when another JRM's forward of the API server ends, this
# one takes it over. Deaf to signals, so that the tunnels outlast the kubelet; the guard ends it.
keep_tunnels() {
    trap '' TERM INT HUP USR1 USR2
    delay=1
    while :; do
        began=$(date +%s)
        # By another JRM on this compute node, which shares it.
        if jrm_port_taken {{apiserverPort}}; then
            set --
        else
            set -- -L {{apiserverPort}}:localhost:{{apiserverPort}}
        fi
        # shellcheck disable=SC2086 # forwards are words
        {{environment}}setsid ssh {{options}} -o ControlMaster=no -o ControlPath=none "$@" $JRM_FORWARDS \
            {{port}}"$login" </dev/null {{redirect}}&
        ssh=$!
        if [ $# -eq 0 ]; then
            while kill -s 0 "$ssh" 2>/dev/null && jrm_port_taken {{apiserverPort}}; do
                sleep 5
            done
            kill -s KILL "$ssh" 2>/dev/null
        fi
        wait "$ssh"
        code=$?
{{refused}}
        [ "$(($(date +%s) - began))" -lt 60 ] || delay=1
        log "ssh to $login ended with code $code; trying again in $delay s"
        sleep "$delay"
        delay=$((delay < 30 ? delay * 2 : 60))
    done
}
