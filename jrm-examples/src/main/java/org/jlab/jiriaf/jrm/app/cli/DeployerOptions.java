package org.jlab.jiriaf.jrm.app.cli;

import java.io.PrintWriter;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import picocli.CommandLine.Mixin;

/** What a {@link Deployer} works with: a LaunchPad, a cluster if there is one, and the ways to login nodes. */
final class DeployerOptions {

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final KubernetesOption kubernetes = new KubernetesOption();

    @Mixin
    private final SshOptions ssh = new SshOptions();

    LaunchpadOption launchpad() {
        return launchpad;
    }

    KubernetesOption kubernetes() {
        return kubernetes;
    }

    SshOptions ssh() {
        return ssh;
    }

    /** Makes a deployer, to be closed by the caller, that tells what it does. */
    Deployer open(DeploymentSettings settings, PrintWriter progress) {
        return new Deployer(this, settings, null, progress, event -> {}, event -> {});
    }
}
