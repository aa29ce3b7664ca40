# What the site needs: Debian packages, FireWorks from PyPI, the API server from its Go modules.
# shellcheck shell=bash

PACKAGES=(openssh-server openssh-client slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge
  iproute2 iptables util-linux procps expect sshpass libpam-oath oathtool openssl socat curl
  python3 python3-venv etcd-server prometheus tcsh)

FIREWORKS_NEW=2.1.4

install() {
  need_root
  check_state_place
  local part started
  mkdir -p "$CACHE"
  [ $# -gt 0 ] || set -- packages fireworks apiserver
  for part in "$@"; do
    started=$SECONDS
    case $part in
      packages | fireworks | apiserver) "install_$part" ;;
      *) usage "install: $part?" ;;
    esac
    say "install $part: $((SECONDS - started)) s"
  done
}

check_installed() {
  local tool
  for tool in sshd slurmctld slurmd sbatch munged ip iptables nsenter oathtool openssl; do
    type -P "$tool" >/dev/null || fail "$tool is missing (practice-site install packages)"
  done
  [ -x "$CACHE/fireworks-1.9.7/bin/qlaunch" ] || fail "FireWorks is missing (practice-site install fireworks)"
}

install_packages() {
  local package
  local -a missing=()
  for package in "${PACKAGES[@]}"; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  # The packages' own services must not start: the site brings up its own.
  local policy=/usr/sbin/policy-rc.d made=
  if ! [ -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    made=yes
  fi
  apt_get update && apt_get install --no-install-recommends "${missing[@]}" || made=failed$made
  case $made in *yes) rm -f $policy ;; esac
  case $made in failed*) fail "the packages cannot be installed, see $CACHE/apt.log" ;; esac
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -y "$@" >>"$CACHE/apt.log" 2>&1; }

# 1.9.7 needs the old YAML interface and pymongo 3, as the sites have it.
install_fireworks() {
  venv fireworks-1.9.7 FireWorks==1.9.7 pymongo==3.12.3 'ruamel.yaml<0.18'
  venv fireworks-new "FireWorks==$FIREWORKS_NEW"
}

# Debian's own Python, whatever else is first in PATH: the site's users must be able to run it.
venv() { # NAME REQUIREMENT...
  local dir=$CACHE/$1
  shift
  if [ -e "$dir/complete" ]; then return 0; fi
  rm -rf "$dir"
  /usr/bin/python3 -m venv "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check wheel
  "$dir/bin/pip" install --quiet --disable-pip-version-check "$@"
  touch "$dir/complete"
}

# Kubernetes' own go.mod points at folders of its repository; go/kube-apiserver/go.mod names the
# published modules instead. Debian has the etcd that goes with it.
install_apiserver() {
  local mark
  mark=$(cat "$SITE_SOURCE"/go/kube-apiserver/go.* | sha256sum)
  if built kube-apiserver "$mark"; then return 0; fi
  build_folder kube-apiserver
  cp "$SITE_SOURCE"/go/kube-apiserver/go.* "$BUILD"
  go_build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver "$mark"
}

built() { [ -x "$CACHE/$1" ] && [ "$(cat "$CACHE/$1.mark" 2>/dev/null)" = "$2" ]; }

build_folder() {
  type -P go >/dev/null || fail "Go is missing, to build $1"
  BUILD=$CACHE/build-$1
  rm -rf "$BUILD"
  mkdir -p "$BUILD"
}

go_build() { # NAME PACKAGE MARK
  (cd "$BUILD" && nice go build -mod=readonly -trimpath -ldflags '-s -w' -o "$CACHE/$1" "$2")
  echo "$3" >"$CACHE/$1.mark"
  rm -rf "$BUILD"
}
