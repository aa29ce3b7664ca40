login={{login}}

# Keeps one ssh to the login node with all forwards of this node. Deaf to signals, so that the tunnels outlast the
# kubelet; the guard ends it.
keep_tunnels() {
    trap '' TERM INT HUP USR1 USR2
    delay=1
    while :; do
        began=$(date +%s)
        setsid ssh {{options}} \
{{forwards}}
            {{port}}"$login" </dev/null
        code=$?
        [ "$(($(date +%s) - began))" -lt 60 ] || delay=1
        log "ssh to $login ended with code $code; trying again in $delay s"
        sleep "$delay"
        delay=$((delay < 30 ? delay * 2 : 60))
    done
}

