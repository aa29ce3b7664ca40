#!/bin/sh
# Becomes one JRM. Usage, in the launch folder: sh NODE.sh VK_CMD [END]; see jrm_node.sh
export NODENAME=jrm-fabric-a1b2c3d4
export VKUBELET_POD_IP=172.17.0.1
export KUBELET_PORT=10000
# shellcheck source=/dev/null # written beside it
. ./jrm_node.sh
