##
## The script of one node: what it alone has; the rest is in jrm_node.sh, which is written once for all.
##
#!/bin/sh
# Becomes one JRM. Usage, in the launch folder: sh NODE.sh VK_CMD [END]; see jrm_node.sh
export NODENAME={{nodename}}
export VKUBELET_POD_IP={{podIp}}
export KUBELET_PORT={{kubeletPort}}
{{forwards}}
# shellcheck source=/dev/null # written beside it
. ./jrm_node.sh
