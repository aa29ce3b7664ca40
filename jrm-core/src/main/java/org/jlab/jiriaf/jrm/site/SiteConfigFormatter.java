package org.jlab.jiriaf.jrm.site;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a {@link SiteConfig} as a site file. */
final class SiteConfigFormatter {

    // What every YAML reader, of version 1.1 too, takes for exactly this text.
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_/.@+-]*(:[A-Za-z0-9_/.@+-]+)*");
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]*");
    private static final List<String> WORDS_WITH_MEANING =
            List.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

    private final StringBuilder yaml = new StringBuilder();

    private SiteConfigFormatter() {}

    static String format(SiteConfig config) {
        SiteConfigFormatter formatter = new SiteConfigFormatter();
        formatter.slurm(config.slurm());
        formatter.jrm(config.jrm());
        formatter.profile(config.jrm().profile());
        formatter.ssh(config.ssh());
        return formatter.yaml.toString();
    }

    private void slurm(SlurmSettings slurm) {
        block("slurm");
        line(SiteKey.NODES, slurm.nodes());
        line(SiteKey.CONSTRAINT, slurm.constraint());
        line(
                SiteKey.WALLTIME,
                slurm.walltime().isUnlimited() ? null : slurm.walltime().toSlurm());
        line(SiteKey.QOS, slurm.qos());
        line(SiteKey.ACCOUNT, slurm.account());
        line(SiteKey.RESERVATION, slurm.reservation());
        SlurmOptions options = slurm.options();
        lineIfSet(SiteKey.PARTITION, options.partition());
        lineIfSet(SiteKey.GPUS_PER_NODE, options.gpusPerNode());
        lineIfSet(SiteKey.LICENSES, options.licenses());
        lineIfSet(SiteKey.MAIL_USER, options.mailUser());
        lineIfSet(SiteKey.MAIL_TYPE, options.mailType());
        lineIfSet(SiteKey.SIGNAL, options.signal());
        if (!options.directives().isEmpty()) {
            list(SiteKey.DIRECTIVES, options.directives());
        }
    }

    private void jrm(JrmSettings jrm) {
        block("jrm");
        line(SiteKey.NODENAME, jrm.nodename());
        line(SiteKey.SITE, jrm.site());
        line(SiteKey.CONFIG_CLASS, jrm.profile().name());
        line(SiteKey.CONTROL_PLANE_IP, jrm.controlPlaneIp());
        line(SiteKey.APISERVER_PORT, jrm.apiserverPort());
        line(SiteKey.KUBECONFIG, jrm.kubeconfig());
        line(SiteKey.IMAGE, jrm.image());
        lineIfSet(
                SiteKey.DRAIN,
                jrm.drain().isZero() ? null : Long.toString(jrm.drain().toSeconds()));
        list(SiteKey.VKUBELET_POD_IPS, jrm.vkubeletPodIps());
        list(SiteKey.CUSTOM_METRICS_PORTS, jrm.customMetricsPorts());
    }

    /** A profile that jrm knows is said by its name. */
    private void profile(SiteProfile profile) {
        if (SiteProfile.known().contains(profile)) {
            return;
        }
        block("profile");
        line(SiteKey.CONTAINER, SiteValues.word(profile.imageFetch()));
        line(SiteKey.START, SiteValues.word(profile.scriptStart()));
        list(SiteKey.SRUN_OPTIONS, profile.srunOptions());
        line(SiteKey.NODE_TUNNELS, profile.nodeTunnels());
        line(SiteKey.LAUNCHPAD_FORWARD, profile.launchpadForward());
        line(SiteKey.CONDA, profile.condaEnvironment().isEmpty() ? null : profile.condaEnvironment());
        list(SiteKey.PROLOGUE, profile.prologue());
    }

    private void ssh(SshSettings ssh) {
        block("ssh");
        line(SiteKey.REMOTE, ssh.remote());
        line(SiteKey.REMOTE_PROXY, ssh.remoteProxy());
        line(SiteKey.SSH_KEY, ssh.key());
        line(SiteKey.PASSWORD, ssh.password());
        lineIfSet(SiteKey.NODE_PASSWORD, ssh.nodePassword() ? "true" : null);
        line(SiteKey.BUILD_SCRIPT, ssh.buildScript());
    }

    private void block(String name) {
        yaml.append(yaml.isEmpty() ? "" : "\n").append(name).append(":\n");
    }

    private void line(SiteKey key, @Nullable Object value) {
        yaml.append("  ").append(key.key).append(":");
        yaml.append(value == null ? "" : " " + scalar(value.toString())).append("\n");
    }

    private void lineIfSet(SiteKey key, @Nullable String value) {
        if (value != null) {
            line(key, value);
        }
    }

    private void list(SiteKey key, List<?> items) {
        yaml.append("  ").append(key.key).append(": [");
        yaml.append(items.stream().map(item -> scalar(item.toString())).collect(Collectors.joining(", ")));
        yaml.append("]\n");
    }

    private static String scalar(String text) {
        boolean plain = NUMBER.matcher(text).matches()
                || (PLAIN.matcher(text).matches() && !WORDS_WITH_MEANING.contains(text.toLowerCase(Locale.ROOT)));
        return plain ? text : "'" + text.replace("'", "''") + "'";
    }
}
