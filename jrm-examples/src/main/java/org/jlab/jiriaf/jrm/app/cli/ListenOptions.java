package org.jlab.jiriaf.jrm.app.cli;

import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where things listen on this side. */
final class ListenOptions {

    @Option(
            names = "--bind-address",
            paramLabel = "ADDRESS",
            description = "Where the metrics ports listen on this host. Default: *, every address, since Prometheus and"
                    + " metrics-server often come from containers.")
    private @Nullable String bindAddress;

    @Option(
            names = "--apiserver-host",
            paramLabel = "HOST",
            description = "Host of the Kubernetes API server as seen from here; its port is the site file's. Default:"
                    + " localhost")
    private @Nullable String apiserverHost;

    DeploymentSettings applyTo(DeploymentSettings settings) {
        DeploymentSettings changed = bindAddress == null ? settings : settings.withBindAddress(bindAddress);
        return apiserverHost == null ? changed : changed.withApiserverHost(apiserverHost);
    }
}
