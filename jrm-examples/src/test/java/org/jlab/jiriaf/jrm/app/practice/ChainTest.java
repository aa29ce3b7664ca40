package org.jlab.jiriaf.jrm.app.practice;

import java.nio.file.Path;
import java.util.stream.Stream;
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
 * are fetched through both tunnel hops, the walltime passes, and everything is released. The chains run side by side, on the
 * same compute nodes, over one connection to the login node.
 */
@Tag("practice")
class ChainTest {

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane controlPlane;

    /**
     * A chain.
     *
     * @param fireworks version of the agent that runs the job
     * @param category what the agent takes
     */
    record Chain(String fireworks, String category) {

        @Override
        public String toString() {
            return "FireWorks " + fireworks;
        }
    }

    static Stream<Chain> chains() {
        return Stream.of(new Chain("1.9.7", "perlmutter-old"), new Chain("new", "perlmutter-new"));
    }

    @BeforeAll
    static void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, directory);
    }

    @AfterAll
    static void close() {
        chains().forEach(chain -> site.stopAgent(chain.category()));
        controlPlane.clearAndClose();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    @Execution(ExecutionMode.CONCURRENT)
    void runsUntilItsWalltimeIsOverAndIsReleased(Chain chain) {
        site.startAgent(chain.category(), chain.fireworks(), PracticeSite.LAUNCHPAD_PORT);
        SiteFile file = SiteFile.perlmutter(chain.category()).withWalltime(SiteFile.HALF_A_MINUTE);

        ChainRun run = ChainRun.deploy(chain.toString(), site, controlPlane, file)
                .awaitMetrics()
                .awaitCompleted();

        // Agents replace whole documents; this is what they leave.
        LauncherCleaning.assertFindsAllOf(run);
        run.reconcile();
    }
}
