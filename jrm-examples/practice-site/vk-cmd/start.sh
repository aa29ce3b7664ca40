#!/bin/bash
# Stand-in for start.sh of the JRM image; the real one also runs the kubelet in the foreground, as its child.
# Usage: start.sh KUBECONFIG NODENAME VKUBELET_POD_IP KUBELET_PORT JIRIAF_WALLTIME JIRIAF_NODETYPE JIRIAF_SITE
if [ $# -lt 7 ]; then
  echo "start.sh: expected 7 arguments, got $#" >&2
  exit 2
fi
export KUBECONFIG=$1 NODENAME=$2 VKUBELET_POD_IP=$3 KUBELET_PORT=$4
export JIRIAF_WALLTIME=$5 JIRIAF_NODETYPE=$6 JIRIAF_SITE=$7
export APISERVER_CERT_LOCATION=./client.crt APISERVER_KEY_LOCATION=./client.key
./virtual-kubelet --nodename "$NODENAME" --provider mock --klog.v 3
