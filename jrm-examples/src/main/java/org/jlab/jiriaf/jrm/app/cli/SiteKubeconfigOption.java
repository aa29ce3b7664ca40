package org.jlab.jiriaf.jrm.app.cli;

import java.nio.file.Path;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the JRMs join the cluster with, if jrm is to put it on the site. */
final class SiteKubeconfigOption {

    @Option(
            names = "--put-kubeconfig",
            paramLabel = "FILE",
            description =
                    "Kubeconfig to put on the site, at jrm.kubeconfig, readable by its owner alone and with the server"
                            + " https://localhost:PORT. Default: none, it is there already.")
    private @Nullable Path file;

    /** Reads it; null if none is to be put there. */
    @Nullable
    Kubeconfig read() {
        return file == null ? null : Kubeconfig.read(file);
    }
}
