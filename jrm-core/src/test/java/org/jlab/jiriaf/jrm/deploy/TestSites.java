package org.jlab.jiriaf.jrm.deploy;

import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.site.CustomMetricsPort;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.site.SlurmSettings;
import org.jlab.jiriaf.jrm.site.SshSettings;
import org.jlab.jiriaf.jrm.site.Walltime;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;

/** Sites that are not there, for tests of what happens on this side. */
public final class TestSites {

    /** A renderer for tests that do not look at scripts. */
    public static final BatchScriptRenderer NO_SCRIPTS = job -> new BatchScripts(
            "",
            "",
            List.of(),
            new QueueSettings(
                    job.name(),
                    job.site().slurm().walltime().toSlurm(),
                    job.nodes().size(),
                    null,
                    null,
                    null,
                    null,
                    null),
            List.of(new ScriptTask("true")));

    private TestSites() {}

    public static SiteConfig site(int nodes, int apiserverPort, int... customMetricsPorts) {
        List<CustomMetricsPort> custom = java.util.Arrays.stream(customMetricsPorts)
                .mapToObj(port -> new CustomMetricsPort(port, false))
                .toList();
        return new SiteConfig(
                new SlurmSettings(nodes, "cpu", new Walltime(Duration.ofMinutes(5)), "debug", "m0000", null),
                new JrmSettings(
                        "jrm-test",
                        "test",
                        SiteProfile.TEST,
                        "cp01",
                        apiserverPort,
                        "/home/jrm/kubeconfig",
                        "docker:example/vk-cmd:main",
                        List.of("172.17.0.1"),
                        custom),
                new SshSettings(SshHop.parse("login01"), null, null, null, null));
    }

    /** The same JRMs on a host without batch system. */
    static JrmSettings onFabric(JrmSettings jrm) {
        return new JrmSettings(
                jrm.nodename(),
                jrm.site(),
                SiteProfile.FABRIC,
                jrm.controlPlaneIp(),
                jrm.apiserverPort(),
                jrm.kubeconfig(),
                jrm.image(),
                jrm.vkubeletPodIps(),
                jrm.customMetricsPorts());
    }

    /** The same site, if it took nothing but a password, from its compute nodes, too. */
    static SiteConfig withPassword(SiteConfig site) {
        SshSettings ssh = site.ssh();
        return new SiteConfig(
                site.slurm(),
                site.jrm(),
                new SshSettings(ssh.remote(), ssh.remoteProxy(), null, Secret.of("password of the site"), null, true));
    }
}
