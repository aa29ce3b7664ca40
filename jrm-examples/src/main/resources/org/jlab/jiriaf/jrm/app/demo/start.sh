#!@bash@
# Stand-in for /vk-cmd/start.sh: like it, takes its settings as arguments, wants to be run in its own folder, and runs the
# kubelet as a child in the foreground.
export KUBECONFIG=$1 NODENAME=$2 VKUBELET_POD_IP=$3 KUBELET_PORT=$4 JIRIAF_WALLTIME=$5 JIRIAF_NODETYPE=$6 JIRIAF_SITE=$7
./virtual-kubelet --nodename "$NODENAME"
