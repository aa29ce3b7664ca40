package org.jlab.jiriaf.jrm.site;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The keys of a site file, with their names in the older form by environment variables and what to write there. */
enum SiteKey {
    NODES("slurm", "nodes", "nnodes", "a whole number of at least 1, such as 2"),
    CONSTRAINT("slurm", "constraint", "nodetype", "a Slurm constraint such as cpu or gpu&hbm80g"),
    WALLTIME(
            "slurm",
            "walltime",
            "walltime",
            "a Slurm time limit of more than 60 s: M, M:S, H:M:S, D-H, D-H:M or D-H:M:S, such as 00:30:00"),
    QOS("slurm", "qos", "qos", "a Slurm QOS such as debug"),
    ACCOUNT("slurm", "account", "account", "the account to charge"),
    RESERVATION("slurm", "reservation", "", "the name of a reservation"),
    PARTITION("slurm", "partition", "", "the name of a partition"),
    GPUS_PER_NODE("slurm", "gpus_per_node", "", "a number of GPUs, such as 4 or a100:4"),
    LICENSES("slurm", "licenses", "", "Slurm licenses, such as scratch,cfs"),
    MAIL_USER("slurm", "mail_user", "", "a mail address"),
    MAIL_TYPE("slurm", "mail_type", "", "what Slurm sends mail about, such as BEGIN,END"),
    SIGNAL("slurm", "signal", "", "an early warning such as USR2@120, at which JRMs end in order"),
    DIRECTIVES("slurm", "directives", "", "a list of sbatch options, such as [exclusive, core-spec=4]"),
    NODENAME("jrm", "nodename", "nodename", "the beginning of the node names, such as jrm-perlmutter"),
    SITE("jrm", "site", "site", "the site's name, the category of its FireWorks worker"),
    CONFIG_CLASS("jrm", "config_class", "config_class", "a site profile"),
    CONTROL_PLANE_IP("jrm", "control_plane_ip", "control_plane_ip", "name or address of the control plane"),
    APISERVER_PORT("jrm", "apiserver_port", "apiserver_port", "a port between 1 and 65535"),
    KUBECONFIG("jrm", "kubeconfig", "kubeconfig", "the absolute path of the kubeconfig on the site"),
    DRAIN("jrm", "drain", "", "how many seconds before their end JRMs are told to end, such as 120, at most 3600"),
    IMAGE("jrm", "image", "", "a container image such as docker:jlabtsai/vk-cmd:main"),
    VKUBELET_POD_IPS("jrm", "vkubelet_pod_ips", "", "a list of IP addresses such as [172.17.0.1]"),
    CUSTOM_METRICS_PORTS(
            "jrm",
            "custom_metrics_ports",
            "custom_metrics_ports",
            "a list of ports between 1 and 65535, such as [2221, x1776]"),
    CONTAINER("profile", "container", "", "a container runtime"),
    START("profile", "start", "", "how node scripts are started: srun, srun-each or sh"),
    SRUN_OPTIONS("profile", "srun_options", "", "a list of srun options, such as [--cpu-bind=none]"),
    NODE_TUNNELS("profile", "node_tunnels", "", "true or false"),
    LAUNCHPAD_FORWARD("profile", "launchpad_forward", "", "true or false"),
    CONDA("profile", "conda", "", "the name of a conda environment"),
    PROLOGUE("profile", "prologue", "", "a list of shell lines, such as [module load shifter]"),
    REMOTE("ssh", "remote", "ssh_remote", "the login node, [user@]host or an alias of the SSH configuration"),
    REMOTE_PROXY("ssh", "remote_proxy", "ssh_remote_proxy", "the jump host, [user@]host or an alias"),
    SSH_KEY("ssh", "ssh_key", "ssh_key", "the path of a private key"),
    PASSWORD("ssh", "password", "", "the password in base64"),
    NODE_PASSWORD("ssh", "node_password", "", "true if compute nodes need the password, too, else false"),
    BUILD_SCRIPT("ssh", "build_script", "", "the path of a script");

    static final List<String> BLOCKS = List.of("slurm", "jrm", "profile", "ssh");

    final String block;
    final String key;
    final String variable;
    final String expected;

    SiteKey(String block, String key, String variable, String expected) {
        this.block = block;
        this.key = key;
        this.variable = variable;
        this.expected = expected;
    }

    /** The name under which a site file has it. */
    String path() {
        return block + "." + key;
    }

    boolean isList() {
        return switch (this) {
            case VKUBELET_POD_IPS, CUSTOM_METRICS_PORTS, DIRECTIVES, SRUN_OPTIONS, PROLOGUE -> true;
            default -> false;
        };
    }

    boolean isSecret() {
        return this == PASSWORD;
    }

    static Optional<SiteKey> find(String block, String key) {
        return in(block).stream().filter(known -> known.key.equals(key)).findFirst();
    }

    static List<SiteKey> in(String block) {
        return Arrays.stream(values())
                .filter(known -> known.block.equals(block))
                .toList();
    }
}
