#!/usr/bin/env bash
# Makes the two Python environments that the tests tagged "fireworks" run against, below the folder DIR, and prints the
# variables that tell the tests where they are. What is there already is kept.
#   eval "$(jrm-store-mongo/src/test/python/make-venvs.sh DIR)"
#   mvn -B verify -pl jrm-store-mongo -am -Dgroups=fireworks -Djrm.excludedGroups=none -Dsurefire.failIfNoTests=false
set -euo pipefail
dir=${1:?usage: make-venvs.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

make_venv() {
  local venv="$dir/$1"
  shift
  if [ ! -x "$venv/bin/lpad" ]; then
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet --disable-pip-version-check 'setuptools<81' "$@" >&2
  fi
}

# What the sites pin, and what is newest. 1.9.7 calls functions that ruamel.yaml 0.18 has dropped; prettytable is for its
# 'lpad get_wflows -t'.
make_venv fireworks-1.9.7 'FireWorks==1.9.7' 'pymongo==3.12.3' 'ruamel.yaml<0.18' prettytable
make_venv fireworks-new 'FireWorks>=2.1.3' 'pymongo>=4.10' prettytable

echo "export JRM_FIREWORKS_197='$dir/fireworks-1.9.7'"
echo "export JRM_FIREWORKS_NEW='$dir/fireworks-new'"
