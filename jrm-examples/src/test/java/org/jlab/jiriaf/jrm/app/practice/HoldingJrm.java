package org.jlab.jiriaf.jrm.app.practice;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.deploy.JrmDeployer;
import org.jlab.jiriaf.jrm.site.SiteConfig;

/**
 * A process that holds deployments, to be killed. {@code HoldingJrm deploy SITE.yaml} makes one, {@code HoldingJrm resume} takes
 * up what a killed one has left. It prints {@code holds ID...} and goes on until its standard input ends.
 */
final class HoldingJrm {

    private static final Duration RESUME = Duration.ofMinutes(1);

    private HoldingJrm() {}

    public static void main(String[] args) throws Exception {
        ControlPlane controlPlane = ControlPlane.onRunningLaunchpad(PracticeSite.find());
        try {
            JrmDeployer jrm = controlPlane.jrm();
            List<Deployment> held = args[0].equals("deploy")
                    ? List.of(jrm.deploy(SiteConfig.read(Path.of(args[1]))))
                    : jrm.resume(RESUME);
            StringBuilder line = new StringBuilder("holds");
            held.forEach(deployment -> line.append(' ').append(deployment.workflowId()));
            System.out.println(line);
            while (System.in.read() >= 0) {
                // Nothing is said; the end is what counts.
            }
        } finally {
            controlPlane.close();
        }
    }
}
