package org.jlab.jiriaf.jrm.script;

import org.jlab.jiriaf.jrm.site.SiteProfile.ImageFetch;

/** How a container runtime gives {@code /vk-cmd} out of an image; nothing of the image is run but {@code cp}. */
final class ImageCopy {

    private static final String DOCKER = "docker:";

    private ImageCopy() {}

    /**
     * What the runtime calls the image. Site files have Shifter's form {@code docker:USER/NAME:TAG}; Apptainer wants a URL or
     * a file, Docker no prefix.
     */
    static String name(ImageFetch runtime, String image) {
        return switch (runtime) {
            case SHIFTER, NONE -> image;
            case APPTAINER, SINGULARITY -> apptainerName(image);
            case DOCKER, PODMAN, PODMAN_HPC ->
                image.startsWith(DOCKER) ? image.substring(DOCKER.length()).replaceFirst("^//", "") : image;
        };
    }

    private static String apptainerName(String image) {
        if (image.contains("://") || image.startsWith("/") || image.startsWith(".") || image.endsWith(".sif")) {
            return image;
        }
        return "docker://" + (image.startsWith(DOCKER) ? image.substring(DOCKER.length()) : image);
    }

    /** Script lines that make {@code $copy/vk-cmd} of {@code $image}; they may fail. */
    static String command(ImageFetch runtime) {
        return switch (runtime) {
            case SHIFTER -> """
                    # shellcheck disable=SC2016 # for the shell in the container
                    shifter --image="$image" -- /bin/bash -c 'cp -r /vk-cmd "$1"' bash "$copy"
                    """;
            case APPTAINER -> exec("apptainer");
            case SINGULARITY -> exec("singularity");
            case DOCKER -> copy("docker");
            case PODMAN -> copy("podman");
            case PODMAN_HPC -> copy("podman-hpc");
            case NONE -> "cp -r \"$image\" \"$copy/vk-cmd\"\n";
        };
    }

    private static String exec(String runtime) {
        return runtime + " exec \"$image\" cp -r /vk-cmd \"$copy\"\n";
    }

    private static String copy(String runtime) {
        return """
                container=$(RUNTIME create "$image" true) && RUNTIME cp "$container:/vk-cmd" "$copy"
                [ -z "$container" ] || RUNTIME rm "$container" >/dev/null
                """.replace("RUNTIME", runtime);
    }
}
