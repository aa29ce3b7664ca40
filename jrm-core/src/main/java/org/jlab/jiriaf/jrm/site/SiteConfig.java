package org.jlab.jiriaf.jrm.site;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a deployment needs to know of a site: the blocks of a site file. Immutable; {@code toString} shows no secret.
 *
 * <p>A site file is YAML. Every value is read as the text that stands there ({@code 12:00:00} is twelve hours); a blank key
 * takes its default. A fourth block, {@code profile}, describes a site that jrm does not know, or changes what it knows:
 * {@code container} (shifter, apptainer, singularity, docker, podman, podman-hpc, none), {@code start} (srun, srun-each, sh),
 * {@code srun_options}, {@code node_tunnels}, {@code launchpad_forward}, {@code conda}, {@code prologue}. The first two are
 * needed where {@code jrm.config_class}, or else {@code jrm.site}, names no profile of {@link SiteProfile#known()}.
 *
 * @param slurm what to ask of the batch system
 * @param jrm what the JRMs are
 * @param ssh how to reach the site
 */
public record SiteConfig(SlurmSettings slurm, JrmSettings jrm, SshSettings ssh) {

    /**
     * Reads a site file.
     *
     * @param file the file
     * @return the configuration, defaults filled in
     * @throws SiteConfigException if the file cannot be read or used; it names every fault
     */
    public static SiteConfig read(Path file) {
        return SiteConfigReader.read(file);
    }

    /**
     * Reads a site configuration from YAML text.
     *
     * @param yaml the text
     * @param sourceName where it came from, for messages
     * @return the configuration, defaults filled in
     * @throws SiteConfigException if it cannot be used; it names every fault
     */
    public static SiteConfig parse(String yaml, String sourceName) {
        return SiteConfigReader.parse(yaml, sourceName);
    }

    /**
     * Reads the older form: nnodes, nodetype, walltime, qos, account, nodename, site, config_class, control_plane_ip,
     * apiserver_port, kubeconfig, custom_metrics_ports (separated by blanks), ssh_remote, ssh_remote_proxy and ssh_key. Other
     * variables are left alone, {@code logs} among them: jrm logs through SLF4J.
     *
     * @param environment variables and their values, such as {@link System#getenv()}
     * @return the configuration, defaults filled in
     * @throws SiteConfigException if it cannot be used; it names every fault
     */
    public static SiteConfig fromEnvironment(Map<String, String> environment) {
        return SiteConfigReader.fromEnvironment(environment);
    }

    /**
     * Writes the configuration as it was understood: a site file with the defaults filled in and asterisks in place of the
     * password.
     *
     * @return YAML that reads back to the same configuration but for the password
     */
    public String toYaml() {
        return SiteConfigFormatter.format(this);
    }
}
