package org.jlab.jiriaf.jrm.site;

import java.util.List;

/**
 * How a site runs things: what differs between sites beyond the values of a site file. Chosen by {@code jrm.config_class}.
 *
 * @param name name of the profile
 * @param imageFetch how a compute node gets {@code /vk-cmd} out of the container image
 * @param scriptStart how the node scripts of a job are started
 * @param srunOptions options of {@code srun} besides those that jrm sets, used with {@link ScriptStart#SRUN}
 * @param nodeTunnels whether compute nodes reach the login node by {@code ssh}; false where the control plane tunnels
 *     straight to the node
 * @param launchpadForward whether the job forwards the LaunchPad's port from the login node before the rocket starts
 * @param condaEnvironment conda environment that holds FireWorks at the site, empty for none
 */
public record SiteProfile(
        String name,
        ImageFetch imageFetch,
        ScriptStart scriptStart,
        List<String> srunOptions,
        boolean nodeTunnels,
        boolean launchpadForward,
        String condaEnvironment) {

    /** NERSC Perlmutter. */
    public static final SiteProfile PERLMUTTER =
            new SiteProfile("perlmutter", ImageFetch.SHIFTER, ScriptStart.SRUN, List.of(), true, true, "fireworks");

    /** ORNL. */
    public static final SiteProfile ORNL = new SiteProfile(
            "ornl", ImageFetch.APPTAINER, ScriptStart.SRUN, List.of("--cpu-bind=none"), true, true, "fireworks");

    /** A FABRIC virtual machine: no batch system, no login node. */
    public static final SiteProfile FABRIC =
            new SiteProfile("fabric", ImageFetch.DOCKER, ScriptStart.SH, List.of(), false, false, "");

    /** Like Perlmutter, without Slurm. */
    public static final SiteProfile TEST =
            new SiteProfile("test", ImageFetch.SHIFTER, ScriptStart.SH, List.of(), true, true, "");

    /** How {@code /vk-cmd} is taken out of the image. */
    public enum ImageFetch {
        /** {@code shifter --image=I -- /bin/bash -c "cp -r /vk-cmd DIR"}. */
        SHIFTER,
        /** {@code apptainer exec I cp -r /vk-cmd DIR}. */
        APPTAINER,
        /** {@code docker run}, {@code docker cp}, {@code docker stop}. */
        DOCKER
    }

    /** How the node scripts are started. */
    public enum ScriptStart {
        /** One {@code srun} with a task per node. */
        SRUN,
        /** {@code sh}, on the host where the job runs. */
        SH
    }

    /** Copies. */
    public SiteProfile {
        srunOptions = List.copyOf(srunOptions);
    }

    /**
     * The profiles that jrm knows.
     *
     * @return perlmutter, ornl, fabric and test
     */
    public static List<SiteProfile> known() {
        return List.of(PERLMUTTER, ORNL, FABRIC, TEST);
    }
}
