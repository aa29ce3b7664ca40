package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A site that takes nothing but a password, from outside and from its compute nodes. */
@Tag("practice")
class LaunchPasswordTest {

    private static final String HOME = "/home/pwuser";
    private static final String KEY = HOME + "/.ssh/id_ed25519";

    @TempDir
    static Path directory;

    private final PracticeSite site = PracticeSite.find();
    private final String encoded = site.encodedPassword("pwuser");
    private final String password = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);

    @Test
    void computeNodesLogInWithThePasswordAndNobodySeesIt() throws IOException {
        SiteFile file = SiteFile.ornl("ornl-password", encoded).withSsh("node_password: true");
        ControlPlane controlPlane = new ControlPlane(site, directory);
        site.in("login01", "mv", KEY, KEY + ".away");
        try (LaunchRun launcher = new LaunchRun(controlPlane, file.config())) {
            ChainRun run = ChainRun.deploy("password", site, controlPlane, file).awaitMetrics();
            String name = run.deployment().name();
            assertNobodySees(run);
            assertThat(site.in("login01", "stat", "-c", "%a %U", HOME + "/.jrm", HOME + "/.jrm/password-" + name))
                    .isEqualTo("700 pwuser\n600 pwuser\n");
            assertThat(launcher.end(name)).as("end before the deletion").isEmpty();
            run.delete();
            assertThat(site.in("login01", "ls", HOME + "/.jrm")).doesNotContain(name);
        } finally {
            site.in("login01", "mv", KEY + ".away", KEY);
            controlPlane.clearAndClose();
        }
    }

    /** FireWorks' own rocket, unchanged: it takes the workflow over a forward that ssh opened with the password. */
    @Test
    void theRocketOfAnAgentReachesTheLaunchpadWithThePassword() throws IOException {
        SiteFile file = SiteFile.ornl("ornl-agent", encoded).withSsh("node_password: true");
        ControlPlane controlPlane = new ControlPlane(site, directory);
        site.in("login01", "mv", KEY, KEY + ".away");
        try {
            site.startAgent(file.site(), "1.9.7", PracticeSite.LAUNCHPAD_PORT);
            ChainRun run =
                    ChainRun.deploy("password, agent", site, controlPlane, file).awaitMetrics();
            // Its rocket alone writes this, from the compute node.
            assertThat(run.deployment().workflow().state()).isEqualTo(WorkflowState.RUNNING);
            assertThat(PracticeSite.processes(" -L %1$d:localhost:%1$d ".formatted(PracticeSite.LAUNCHPAD_PORT)))
                    .anyMatch(line -> line.contains("NumberOfPasswordPrompts=1"));
            assertNobodySees(run);
            run.delete();
            assertThat(site.in("login01", "ls", HOME + "/.jrm"))
                    .doesNotContain(run.deployment().name());
        } finally {
            site.stopAgent(file.site());
            site.in("login01", "mv", KEY + ".away", KEY);
            controlPlane.clearAndClose();
        }
    }

    private void assertNobodySees(ChainRun run) throws IOException {
        for (String secret : List.of(password, encoded)) {
            assertThat(PracticeSite.processes(secret)).as("command lines").isEmpty();
            assertThat(run.firework().toJson()).doesNotContain(secret);
        }
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            assertThat(environment(process))
                    .as("environment of %s", process.info())
                    .doesNotContain(password, encoded);
        }
        // Last, since it has the password on its command line.
        assertThat(site.in("login01", "grep", "-rlF", "--", password, HOME).lines())
                .allMatch(file -> file.startsWith(HOME + "/.jrm/password-"))
                .isNotEmpty();
    }

    private static String environment(ProcessHandle process) {
        Path file = Path.of("/proc", Long.toString(process.pid()), "environ");
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // Gone meanwhile.
            return "";
        }
    }
}
