package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many JRMs in several jobs at once, launched over SSH: nothing of FireWorks runs anywhere, and nobody has copied a
 * kubeconfig. {@code -Djrm.launchedJobs=10
 * -Djrm.nodesPerJob=10} makes it a hundred in ten.
 */
@Tag("practice")
class LaunchManyTest {

    private static final String SITE = "perlmutter-many";
    private static final int JOBS = Integer.getInteger("jrm.launchedJobs", 4);
    private static final int NODES = Integer.getInteger("jrm.nodesPerJob", 5);

    private static final String FOLDER = "/home/certuser/put by jrm";
    private static final String KUBECONFIG = FOLDER + "/kubeconfig";

    @TempDir
    static Path directory;

    @Test
    void allNodesOfAllJobsServeTheirMetricsAndLeaveNothing() {
        PracticeSite site = PracticeSite.find();
        SiteFile file = SiteFile.perlmutter(SITE)
                .withNodes(NODES)
                .withKubeconfig(KUBECONFIG)
                .withSlurm("constraint: cpu", "qos: regular", "account: m3792");
        Kubeconfig kubeconfig = Kubeconfig.read(site.kubeconfig());
        ControlPlane controlPlane = new ControlPlane(site, directory, builder -> builder.kubeconfig(kubeconfig));
        site.in("login01", "rm", "-rf", FOLDER);
        try (LaunchRun launcher = new LaunchRun(controlPlane, file.config())) {
            List<ChainRun> runs = new ArrayList<>();
            for (int job = 0; job < JOBS; job++) {
                runs.add(ChainRun.deploy("job " + job, site, controlPlane, file));
            }
            runs.forEach(ChainRun::awaitMetrics);
            assertThat(site.in("login01", "stat", "-c", "%A %U", KUBECONFIG)).isEqualTo("-rw------- certuser\n");
            Set<Integer> ports = new HashSet<>();
            runs.forEach(run -> ports.addAll(run.ports()));
            assertThat(ports).as("ports, none of them shared").hasSize(JOBS * NODES * 3);
            assertThat(PracticeSite.processes("rlaunch"))
                    .as("rockets of FireWorks")
                    .isEmpty();
            assertThat(runs)
                    .extracting(run -> launcher.end(run.deployment().name()))
                    .as("ends before the deletion")
                    .containsOnly("");
            runs.forEach(ChainRun::delete);
        } finally {
            controlPlane.clearAndClose();
        }
    }
}
