package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else is done with deployments: deleted while they run, several at once, large ones. */
@Tag("practice")
class DeploymentsTest {

    private static final String SITE = "perlmutter";

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane controlPlane;

    @BeforeAll
    static void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, directory);
        site.startAgent(SITE, "1.9.7", PracticeSite.LAUNCHPAD_PORT);
    }

    @AfterAll
    static void close() {
        site.stopAgent(SITE);
        controlPlane.clearAndClose();
    }

    private static ChainRun deploy(String name, SiteFile file) {
        return ChainRun.deploy(name, site, controlPlane, file);
    }

    @Test
    void deletedWhileItRunsLeavesNothing() {
        deploy("delete", SiteFile.perlmutter(SITE)).awaitMetrics().delete();
    }

    @Test
    void twoAtOneLoginNodeShareWhatTheyCanAndEndByThemselves() {
        // On compute nodes of its own: JRMs of the practice site that share one also share its applications.
        site.in(
                "login01",
                "scontrol",
                "create",
                "reservation",
                "ReservationName=elsewhere",
                "StartTime=now",
                "Duration=10",
                "Users=certuser",
                "Nodes=n3,n4");
        ChainRun first = deploy("first of two", SiteFile.perlmutter(SITE));
        ChainRun second = deploy(
                "second of two",
                SiteFile.perlmutter(SITE)
                        .withSlurm("constraint: cpu", "qos: debug", "account: m3792", "reservation: elsewhere"));
        first.awaitMetrics();
        second.awaitMetrics();
        assertSharedForwardsAreThereOnce();

        try (Traffic traffic = new Traffic(second.jrms())) {
            first.delete();
            traffic.awaitAllServed();
            assertThat(traffic.failures())
                    .as("requests to the other deployment that failed")
                    .isEmpty();
        }
        assertSharedForwardsAreThereOnce();
        assertThat(controlPlane
                        .nodes()
                        .list(second.jrms().stream().map(JrmEndpoints::node).toList()))
                .hasSize(2)
                .allMatch(node -> node.ready());
        second.delete();
        site.in("login01", "scontrol", "delete", "ReservationName=elsewhere");
        assertThat(site.listeningPorts("login01"))
                .as("ports on login01 when no deployment is left")
                .doesNotContain(PracticeSite.LAUNCHPAD_PORT, PracticeSite.APISERVER_PORT);
    }

    private static void assertSharedForwardsAreThereOnce() {
        List<Forward> remote = controlPlane.tunnels().tunnels().stream()
                .map(Tunnel::forward)
                .filter(forward -> forward.direction() == Forward.Direction.REMOTE)
                .toList();
        assertThat(remote)
                .extracting(forward -> forward.bind().port())
                .containsExactlyInAnyOrder(PracticeSite.LAUNCHPAD_PORT, PracticeSite.APISERVER_PORT);
    }

    @Test
    void thirtyNodesInOneJobAreAllReachable() {
        deploy(
                        "30 nodes",
                        SiteFile.perlmutter(SITE)
                                .withNodes(30)
                                .withSlurm("constraint: cpu", "qos: regular", "account: m3792"))
                .awaitMetrics()
                .delete();
    }

    @Test
    void launcherFindsAllOfWhatJrmWrote() {
        // No agent takes this one.
        ChainRun run = deploy("launcher's cleaning", SiteFile.perlmutter("perlmutter-idle"));
        LauncherCleaning.assertFindsAllOf(run);
        run.delete();
    }
}
