package org.jlab.jiriaf.jrm.examples.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.Deployment;
import org.jlab.jiriaf.jrm.JrmDeployer;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole chain: jrm deploys, an unchanged FireWorks agent takes the workflow to Slurm, the nodes turn Ready, their metrics
 * are fetched through both tunnel hops, the walltime passes, and everything is released. The chains run side by side.
 */
@Tag("practice")
class ChainTest {

    private static final Duration QUEUE = Duration.ofMinutes(1);
    private static final Duration TUNNELS = Duration.ofSeconds(30);
    private static final Duration WALLTIME = Duration.ofMinutes(2);

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane controlPlane;

    /** One chain: a site file, who runs it and where the workflow is kept. */
    record Chain(String agent, Launchpad launchpad, SiteFile file) {

        @Override
        public String toString() {
            return file.profile() + ", FireWorks " + agent + ", " + launchpad;
        }
    }

    static Stream<Chain> chains() {
        return Stream.of(
                new Chain("1.9.7", Launchpad.EMBEDDED, SiteFile.perlmutter("perlmutter-old-embedded")),
                new Chain("1.9.7", Launchpad.FERRETDB, SiteFile.perlmutter("perlmutter-old-ferretdb")),
                new Chain("new", Launchpad.EMBEDDED, SiteFile.perlmutter("perlmutter-new-embedded")),
                new Chain("new", Launchpad.FERRETDB, SiteFile.perlmutter("perlmutter-new-ferretdb")));
    }

    @BeforeAll
    static void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, directory, EnumSet.allOf(Launchpad.class));
    }

    @AfterAll
    static void close() {
        controlPlane.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    @Execution(ExecutionMode.CONCURRENT)
    void runsUntilItsWalltimeIsOverAndIsReleased(Chain chain) {
        JrmDeployer jrm = controlPlane.jrm(chain.launchpad());
        Stopwatch stopwatch = new Stopwatch(chain.toString());
        site.startAgent(chain.file().site(), chain.agent(), chain.launchpad().port);

        Deployment deployment =
                jrm.deploy(chain.file().withWalltime(SiteFile.HALF_A_MINUTE).config());
        stopwatch.lap("deployed");
        Leftovers leftovers = new Leftovers(site, controlPlane, chain.launchpad(), deployment.workflow());
        deployment.awaitReady(QUEUE);
        stopwatch.lap("nodes Ready");
        Set<String> hosts = new HashSet<>();
        List<JrmEndpoints> jrms = JrmEndpoints.of(deployment.workflow());
        MetricsClient client = new MetricsClient(Duration.ofSeconds(10));
        // A node is Ready a moment before the way to its kubelet is open.
        jrms.forEach(jrmEndpoints -> await(jrmEndpoints.node())
                .atMost(TUNNELS)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .untilAsserted(() -> hosts.add(jrmEndpoints.checkMetrics(client))));
        assertThat(hosts).as("compute nodes, one for each JRM").hasSameSizeAs(jrms);
        stopwatch.lap("metrics of all nodes fetched");

        await("the end of the walltime")
                .atMost(WALLTIME)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> deployment.workflow().state(), WorkflowState::isOver);
        assertThat(deployment.workflow().state()).isEqualTo(WorkflowState.COMPLETED);
        stopwatch.lap("COMPLETED");
        synchronized (jrm) {
            jrm.release();
        }
        stopwatch.lap("released");
        leftovers.awaitNone(Duration.ofSeconds(15));
        stopwatch.lap("nothing left");
        site.stopAgent(chain.file().site());
    }
}
