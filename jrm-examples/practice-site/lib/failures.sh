# Breaking things on purpose.
# shellcheck shell=bash

# Packets are dropped without a word, as by a broken link; connections stay open until somebody notices.
partition() {
  if [ $# -lt 2 ] || [ $# -gt 3 ]; then usage "partition HOST on|off [PEER]"; fi
  need_root
  local host chain address
  local -a rules=()
  host=$(host_of "$1")
  if [ $# -eq 3 ]; then
    for address in $(host_addresses "$(host_of "$3")"); do
      rules+=("-A PRACTICE -s $address -j DROP" "-A PRACTICE -d $address -j DROP")
    done
  else
    rules=("-A PRACTICE -j DROP")
  fi
  # Off first, whatever was set: the same call twice is one partition.
  for chain in INPUT OUTPUT; do
    while in_host "$host" iptables -w -D "$chain" -j PRACTICE 2>/dev/null; do :; done
  done
  in_host "$host" iptables -w -F PRACTICE 2>/dev/null || true
  in_host "$host" iptables -w -X PRACTICE 2>/dev/null || true
  case $2 in
    off) return 0 ;;
    on) ;;
    *) usage "partition: $2?" ;;
  esac
  in_host "$host" iptables -w -N PRACTICE
  in_host "$host" iptables -w -A PRACTICE -i lo -j RETURN
  in_host "$host" iptables -w -A PRACTICE -o lo -j RETURN
  local rule
  for rule in "${rules[@]}"; do
    # shellcheck disable=SC2086 # words
    in_host "$host" iptables -w $rule
  done
  in_host "$host" iptables -w -I INPUT -j PRACTICE
  in_host "$host" iptables -w -I OUTPUT -j PRACTICE
}
