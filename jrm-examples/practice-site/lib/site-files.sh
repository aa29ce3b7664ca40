# The files of the site: users, keys, host names, configuration. Written again at each `up`; keys
# and homes stay as they are once made, so known_hosts stays true.
# shellcheck shell=bash

site_files() {
  umask 022
  mkdir -p "$SITE"/{etc,keys,hostkeys,home,lib,bin,vk-cmd,authorized_keys} "$SITE"/etc/{slurm,profile.d,pam.d}
  mkdir -p "$RUN/munge"
  cp "$SITE_SOURCE"/lib/{host-init.sh,command-not-found} "$SITE/lib/"
  cp "$SITE_SOURCE"/site-bin/* "$SITE/bin/"
  cp "$SITE_SOURCE"/vk-cmd/* "$SITE/vk-cmd/"
  cp "$SITE_SOURCE/etc/pam-sshd" "$SITE/etc/pam.d/sshd"
  sed "s|@CACHE@|$CACHE|" "$SITE_SOURCE/etc/profile.sh" >"$SITE/etc/profile.d/practice-site.sh"
  for tool in docker podman podman-hpc; do ln -sf docker-like "$SITE/bin/$tool"; done
  ln -sf apptainer "$SITE/bin/singularity"
  sed -i "s|@VK_CMD@|$SITE/vk-cmd|" "$SITE"/bin/practice-image
  host_keys
  user_keys
  site_users
  site_names
  ssh_client_files
  kubelet_certificate
}

key() { # FILE COMMENT: an ed25519 key, unless it is there
  [ -s "$1" ] || ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1"
}

host_keys() {
  local host
  for host in jump login01 fabric; do key "$SITE/hostkeys/$host" "$host"; done
}

user_keys() {
  local user
  key "$SITE/keys/ca" "practice-site user CA"
  for user in keyuser certuser ubuntu; do key "$SITE/keys/$user" "$user"; done
  # Anew each time: a site that is used for longer than a day must not end up with one that is over.
  cert --valid 24h "$SITE/keys/certuser"
  # The key that the site's own hosts use among themselves.
  key "$SITE/keys/inside" "inside the site"
  for user in keyuser ubuntu; do cp "$SITE/keys/$user.pub" "$SITE/authorized_keys/$user"; done
}

# A certificate as sshproxy issues it. The key is made if it is not there.
cert() {
  local valid=5m user=certuser file=
  while [ $# -gt 0 ]; do
    case $1 in
      --valid) valid=${2:?lifetime}; shift 2 ;;
      --user) user=${2:?user}; shift 2 ;;
      -*) usage "cert: $1?" ;;
      *) file=$1; shift ;;
    esac
  done
  file=${file:-$SITE/keys/$user}
  [ -s "$SITE/keys/ca" ] || fail "no certificate authority yet (practice-site up)"
  key "$file" "$user"
  # Backdated by a minute, as clocks differ. A lifetime starting with - is over already.
  ssh-keygen -q -s "$SITE/keys/ca" -I "$user@practice" -n "$user" -V "-1m:${valid/#[0-9]/+${valid:0:1}}" "$file.pub"
}

otp() {
  local ahead=0
  [ "${1:-}" != --ahead ] || ahead=${2:?steps}
  oathtool --totp --now "$((ahead * 30)) seconds" "$(cat "$SITE/keys/otpuser.secret")"
}

# Accounts exist only inside the hosts: copies of this machine's files with the site's users added.
# "*" is no password, where "!" would be a locked account, which cannot log in by key either.
site_users() {
  local user id=20001 hash file
  [ -s "$SITE/passwords" ] || (
    umask 077
    for user in pwuser otpuser; do echo "$user $(openssl rand -hex 8)"; done >"$SITE/passwords"
    openssl rand -hex 20 >"$SITE/keys/otpuser.secret"
  )
  for file in passwd group; do
    grep -vE "^($(IFS='|' && echo "${SITE_USERS[*]}")):" "/etc/$file" >"$SITE/etc/$file"
  done
  # Nobody of this machine has a password there.
  (umask 077 && awk -F: '{ print $1 ":*:19000:0:99999:7:::" }' "$SITE/etc/passwd" >"$SITE/etc/shadow")
  for user in "${SITE_USERS[@]}"; do
    echo "$user:x:$id:$id:$user:/home/$user:/bin/bash" >>"$SITE/etc/passwd"
    echo "$user:x:$id:" >>"$SITE/etc/group"
    hash='*'
    if grep -q "^$user " "$SITE/passwords"; then
      hash=$(sed -n "s/^$user //p" "$SITE/passwords" | openssl passwd -6 -stdin)
    fi
    echo "$user:$hash:19000:0:99999:7:::" >>"$SITE/etc/shadow"
    site_home "$user" "$id"
    id=$((id + 1))
  done
  (umask 077 && echo "HOTP/T30 otpuser - $(cat "$SITE/keys/otpuser.secret")" >"$SITE/etc/users.oath")
}

# A home is shared by all hosts of the site, as there; its key opens login01 from the nodes.
site_home() {
  local home=$SITE/home/$1
  mkdir -p "$home/.ssh"
  cp "$SITE/keys/inside" "$home/.ssh/id_ed25519"
  cp "$SITE/keys/inside.pub" "$home/.ssh/id_ed25519.pub"
  cp "$SITE/keys/inside.pub" "$home/.ssh/authorized_keys"
  host_lines login01 >"$home/.ssh/known_hosts"
  # shellcheck disable=SC2016 # for the user's shell
  [ -e "$home/.bash_profile" ] || echo '[ ! -r ~/.bashrc ] || . ~/.bashrc' >"$home/.bash_profile"
  chmod 700 "$home/.ssh"
  chmod 600 "$home/.ssh/id_ed25519"
  chown "$2:$2" "$home" "$home/.bash_profile"
  chown -R "$2:$2" "$home/.ssh"
}

host_aliases() {
  case $1 in
    jump) echo jump jump.practice dtn.practice ;;
    login01) echo login01 login login01.practice login01.chn.perlmutter.practice ;;
    fabric) echo fabric fabric.practice ;;
    *) echo "$1" "$1.practice" ;;
  esac
}

site_names() {
  local host
  {
    echo "127.0.0.1 localhost"
    echo "::1 localhost ip6-localhost"
    for host in $(host_names); do
      echo "$(host_addresses "$host" | head -1) $(host_aliases "$host")"
    done
  } >"$SITE/etc/hosts"
  # A node knows the login node by its address on the compute network.
  sed 's/^10\.71\.2\.10 /10.71.3.10 /; /^10\.71\.1\./d' "$SITE/etc/hosts" >"$SITE/etc/hosts.compute"
}

host_lines() { # known_hosts lines of a host, under all its names and addresses
  local names
  names=$(host_aliases "$1" | tr ' ' '\n' && host_addresses "$1")
  echo "$(echo "$names" | paste -sd,) $(cut -d' ' -f1,2 "$SITE/hostkeys/$1.pub")"
}

ssh_client_files() {
  local host
  for host in jump login01 fabric; do host_lines "$host"; done >"$SITE/known_hosts"
  sed "s|@SITE@|$SITE|g" "$SITE_SOURCE/etc/ssh_config" >"$SITE/ssh_config"
}

# The certificate that lies in the image, with which the kubelet serves.
kubelet_certificate() {
  [ -s "$SITE/vk-cmd/client.key" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 3650 -subj "/CN=virtual-kubelet" -keyout "$SITE/vk-cmd/client.key" -out "$SITE/vk-cmd/client.crt" 2>/dev/null
  chmod 644 "$SITE/vk-cmd/client.key" # any user of the image reads it
}
