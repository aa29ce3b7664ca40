package org.jlab.jiriaf.jrm.app.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Looks at everything that a deployment to a site needs and changes nothing. What it opens to find out, a forward on the login
 * node, is closed again.
 */
public final class Doctor {

    private final Supplier<SiteConfig> site;
    private final Supplier<LaunchpadConfig> launchpad;
    private final Supplier<@Nullable KubernetesClient> kubernetes;
    private final Supplier<SshjTunnelManager> tunnels;
    private final UnaryOperator<DeploymentSettings> settings;
    private final Consumer<Finding> onFinding;

    private @Nullable SiteConfig config;
    private @Nullable LaunchpadConfig launchpadConfig;

    /**
     * Prepares an examination.
     *
     * @param site reads the site file
     * @param launchpad reads the LaunchPad's file
     * @param kubernetes makes a client, or null if there is no cluster; it is closed in the end
     * @param tunnels makes a tunnel manager; it is closed in the end
     * @param settings changes the settings of the deployment
     * @param onFinding told of each finding at once
     */
    public Doctor(
            Supplier<SiteConfig> site,
            Supplier<LaunchpadConfig> launchpad,
            Supplier<@Nullable KubernetesClient> kubernetes,
            Supplier<SshjTunnelManager> tunnels,
            UnaryOperator<DeploymentSettings> settings,
            Consumer<Finding> onFinding) {
        this.site = site;
        this.launchpad = launchpad;
        this.kubernetes = kubernetes;
        this.tunnels = tunnels;
        this.settings = settings;
        this.onFinding = onFinding;
    }

    /**
     * Makes all checks, each within half a minute.
     *
     * @return the findings, in the order of the checks
     * @throws InterruptedException if the thread is interrupted; the check at hand is cut off
     */
    public List<Finding> examine() throws InterruptedException {
        try (Examination examination = new Examination(onFinding)) {
            examination.check("site file", this::readSite);
            examination.check("launchpad file", this::readLaunchpad);
            LaunchpadChecks launchpadChecks = launchpadConfig == null ? null : new LaunchpadChecks(launchpadConfig);
            if (launchpadChecks == null) {
                examination.skip("launchpad", "its file cannot be read");
            } else {
                launchpadChecks.run(examination);
            }
            DeploymentPlan plan = plan();
            new KubernetesChecks(kubernetes, plan).run(examination);
            if (plan == null) {
                examination.skip("ssh", "the site file cannot be read");
            } else {
                try (SshChecks ssh = new SshChecks(tunnels, plan, launchpadChecks)) {
                    ssh.run(examination);
                }
            }
            return examination.findings();
        }
    }

    private Verdict readSite() {
        SiteConfig read = site.get();
        config = read;
        return Verdict.ok(read.jrm().site() + ", " + read.slurm().nodes() + " nodes, as "
                + read.jrm().profile().name());
    }

    private Verdict readLaunchpad() {
        LaunchpadConfig read = launchpad.get();
        launchpadConfig = read;
        return read.warnings().isEmpty()
                ? Verdict.ok(read.toString())
                : Verdict.warning(String.join("; ", read.warnings()));
    }

    private @Nullable DeploymentPlan plan() {
        if (config == null) {
            return null;
        }
        DeploymentSettings defaults = launchpadConfig == null
                ? DeploymentSettings.DEFAULTS
                : DeploymentSettings.DEFAULTS.withLaunchpad(
                        new Endpoint(launchpadConfig.host(), launchpadConfig.port()));
        return DeploymentPlan.preview(config, settings.apply(defaults));
    }
}
