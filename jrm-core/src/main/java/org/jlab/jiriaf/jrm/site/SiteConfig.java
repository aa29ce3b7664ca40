package org.jlab.jiriaf.jrm.site;

/**
 * What a deployment needs to know of a site: the three blocks of a site file. Immutable; {@code toString} shows no secret.
 *
 * @param slurm what to ask of the batch system
 * @param jrm what the JRMs are
 * @param ssh how to reach the site
 */
public record SiteConfig(SlurmSettings slurm, JrmSettings jrm, SshSettings ssh) {}
