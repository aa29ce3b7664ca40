#!/bin/sh
# Becomes one JRM. Usage, in the launch folder: sh NODE.sh VK_CMD [END]; see jrm_node.sh
export NODENAME=jrm-perlmutter-a1b2c3d4
export VKUBELET_POD_IP=172.17.0.1
export KUBELET_PORT=10000
export JRM_FORWARDS='-R 10000:localhost:10000 -R 20000:localhost:2221 -R 20001:localhost:1776'
# shellcheck source=/dev/null # written beside it
. ./jrm_node.sh
