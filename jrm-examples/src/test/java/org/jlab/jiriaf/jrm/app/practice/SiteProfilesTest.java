package org.jlab.jiriaf.jrm.app.practice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The chain at sites of the other kinds. They share no host but the control plane, so they run side by side. */
@Tag("practice")
class SiteProfilesTest {

    @TempDir
    static Path directory;

    private static PracticeSite site;
    private static ControlPlane controlPlane;

    @BeforeAll
    static void open() {
        site = PracticeSite.find();
        controlPlane = new ControlPlane(site, directory);
        site.startAgent("ornl", "1.9.7", PracticeSite.LAUNCHPAD_PORT);
        site.startAgent("fabric-0", "1.9.7", PracticeSite.LAUNCHPAD_PORT);
    }

    @AfterAll
    static void close() {
        site.stopAgent("ornl");
        site.stopAgent("fabric-0");
        controlPlane.clearAndClose();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void passwordAndTwoHopsAsAtOrnl() {
        SiteFile file = SiteFile.ornl("ornl", site.encodedPassword("pwuser")).withWalltime(SiteFile.HALF_A_MINUTE);

        ChainRun.deploy("ornl", site, controlPlane, file)
                .awaitMetrics()
                .awaitCompleted()
                .reconcile();
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void oneMachineWithoutBatchSystemOrWalltimeAsOnFabric() {
        ChainRun.deploy("fabric", site, controlPlane, SiteFile.fabric("fabric-0"))
                .awaitMetrics()
                .delete();
    }

    /** Its agent goes on to run what FireWorks does not know any more. */
    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void whatSomebodyDeletedOnOneMachineEndsThereToo() throws IOException {
        Path myLaunchpad = Files.writeString(
                directory.resolve("my_launchpad.yaml"),
                "host: 127.0.0.1\nport: " + PracticeSite.LAUNCHPAD_PORT + "\nname: jiriaf\n");
        ChainRun.deploy("fabric, deleted by hand", site, controlPlane, SiteFile.fabric("fabric-0"))
                .awaitMetrics()
                .deleteWithFireworks(myLaunchpad);
    }
}
