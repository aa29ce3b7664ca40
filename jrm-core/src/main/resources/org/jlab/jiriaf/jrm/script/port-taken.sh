# Usage: jrm_port_taken PORT. True if something listens there on localhost: IPv4, as IPv6 or not, or ::1. Looked up, not tried: a
# connection would go through to the server behind the forward.
jrm_port_taken() {
    grep -qE ": ((0{16}FFFF0{4})?(0100007F|0{8})|0{24}01000000|0{32}):$(printf %04X "$1") 0+:0000 0A " \
        /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
