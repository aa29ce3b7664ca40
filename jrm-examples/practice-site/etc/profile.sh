# shellcheck shell=bash
# Read by login shells on the site, so by batch jobs too (#!/bin/bash -l).
# A site has conda and modules; here they choose among the site's FireWorks environments.
conda() {
  case "$1 ${2:-}" in
    "activate fireworks") PATH="${JRM_PRACTICE_FIREWORKS:-@CACHE@/fireworks-1.9.7}/bin:$PATH" ;;
    "activate "*) echo "conda: EnvironmentNameNotFound: $2" >&2; return 1 ;;
    *) : ;;
  esac
}
module() { :; }
if [ -n "${BASH_VERSION:-}" ]; then export -f conda module; fi
