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
 * @param prologue shell lines that run before everything else of a job, such as {@code module load shifter}
 */
public record SiteProfile(
        String name,
        ImageFetch imageFetch,
        ScriptStart scriptStart,
        List<String> srunOptions,
        boolean nodeTunnels,
        boolean launchpadForward,
        String condaEnvironment,
        List<String> prologue) {

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

    /**
     * Makes a profile without a prologue.
     *
     * @param name name of the profile
     * @param imageFetch container runtime
     * @param scriptStart how the node scripts are started
     * @param srunOptions more options of {@code srun}
     * @param nodeTunnels whether compute nodes reach the login node by {@code ssh}
     * @param launchpadForward whether the job forwards the LaunchPad's port
     * @param condaEnvironment conda environment, empty for none
     */
    public SiteProfile(
            String name,
            ImageFetch imageFetch,
            ScriptStart scriptStart,
            List<String> srunOptions,
            boolean nodeTunnels,
            boolean launchpadForward,
            String condaEnvironment) {
        this(name, imageFetch, scriptStart, srunOptions, nodeTunnels, launchpadForward, condaEnvironment, List.of());
    }

    /** How {@code /vk-cmd} is taken out of the image. */
    public enum ImageFetch {
        /** {@code shifter --image=I -- /bin/bash -c "cp -r /vk-cmd DIR"}. */
        SHIFTER,
        /** {@code apptainer exec I cp -r /vk-cmd DIR}. */
        APPTAINER,
        /** {@code singularity exec I cp -r /vk-cmd DIR}. */
        SINGULARITY,
        /** {@code docker create}, {@code docker cp}, {@code docker rm}: nothing of the image is run. */
        DOCKER,
        /** The same with {@code podman}. */
        PODMAN,
        /** The same with {@code podman-hpc}. */
        PODMAN_HPC,
        /** No container: {@code jrm.image} is the path of a folder at the site that holds what {@code /vk-cmd} does. */
        NONE
    }

    /** How the node scripts are started. */
    public enum ScriptStart {
        /** One {@code srun} with a task per node. */
        SRUN,
        /** One {@code srun} per node, in the background; NERSC asks not to issue many in a short time. */
        SRUN_EACH,
        /** {@code sh}, on the host where the job runs. */
        SH;

        /**
         * Tells whether jobs go through a batch system.
         *
         * @return whether they do
         */
        public boolean isBatch() {
            return this != SH;
        }
    }

    /** Copies. */
    public SiteProfile {
        srunOptions = List.copyOf(srunOptions);
        prologue = List.copyOf(prologue);
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
