login={{login}}

# Keeps one ssh to the login node with the forwards that are its arguments. Deaf to signals, so that the tunnels outlast
# the kubelet; the guard ends it.
keep_ssh() {
    trap '' TERM INT HUP USR1 USR2
    delay=1
    while :; do
        began=$(date +%s)
        setsid ssh {{options}} "$@" {{port}}"$login" </dev/null
        code=$?
        [ "$(($(date +%s) - began))" -lt 60 ] || delay=1
        log "ssh to $login ended with code $code; trying again in $delay s"
        sleep "$delay"
        delay=$((delay < 30 ? delay * 2 : 60))
    done
}

keep_tunnels() {
    keep_ssh \
{{forwards}}
}

# JRMs on one compute node share the API server's port: whoever finds that nobody answers there opens it.
keep_apiserver() {
    trap '' TERM INT HUP
    while :; do
        if ! api_answers; then
            setsid ssh {{options}} -L {{apiserverPort}}:localhost:{{apiserverPort}} {{port}}"$login" </dev/null
        fi
        sleep 2
    done
}

