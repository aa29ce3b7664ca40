package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLaunchpad;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.launch.SiteLauncher;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A FireWorks agent at the site and {@code jrm launch} serve one LaunchPad at once; it asks both for a password. With
 * {@code -Djrm.mixedWorkflows=40} these are forty workflows, and the command is killed four times; a lock that it held then is
 * respected for two minutes.
 */
@Tag("practice")
class LaunchMixTest {

    private static final String SITE = "perlmutter-mix";
    private static final String USER = "fireworks";
    private static final int WORKFLOWS = Integer.getInteger("jrm.mixedWorkflows", 8);
    private static final int KILLS = WORKFLOWS / 10;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String RUNS = "/home/certuser/mix";

    @TempDir
    Path directory;

    private final PracticeSite site = PracticeSite.find();
    private final SiteFile file = SiteFile.perlmutter(SITE).withNodes(1).withSlurm("constraint: cpu", "account: m3792");

    @Test
    void runsEachWorkflowOnce() throws Exception {
        Secret password = Secret.of("mix password");
        Path launchpadFile = launchpadFile(password);
        Files.writeString(directory.resolve("site.yaml"), file.yaml());
        try (EmbeddedLaunchpad launchpad = EmbeddedLaunchpad.start(
                        directory.resolve("launchpad"), "127.0.0.1", PracticeSite.LAUNCHPAD_PORT, USER, password);
                MongoClient client = LaunchpadConfig.read(launchpadFile).open();
                TunnelManager tunnels = SshjTunnelManager.builder()
                        .knownHosts(site.knownHosts())
                        .sshConfig(site.sshConfig())
                        .build();
                LoginSession login = tunnels.connect(file.config().ssh().route(), PATIENCE)) {
            run(login, "rm -rf " + RUNS + " && mkdir " + RUNS);
            login.open(List.of(Forward.remote(port(launchpad), port(launchpad))), PATIENCE);
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(ControlPlane.DATABASE));
            List<Integer> ids = store.addAll(drafts());
            site.startAgent(SITE, "1.9.7", PracticeSite.LAUNCHPAD_PORT, USER, password);
            try {
                await("the agent's first").atMost(PATIENCE).until(() -> launched(store, ids, false) > 0);
                for (int kill = 0; kill < KILLS; kill++) {
                    killAfterItsFirst(store, ids);
                }
                launchUntilAllAreOver(store, ids);
            } finally {
                site.stopAgent(SITE);
            }
            assertRunOnce(store, ids, run(login, "cat " + RUNS + "/*"));
        }
    }

    private void killAfterItsFirst(MongoWorkflowStore store, List<Integer> ids) throws Exception {
        int before = launched(store, ids, true);
        Process launcher = launch();
        try {
            await("a launch of jrm")
                    .atMost(PATIENCE)
                    .until(() -> launched(store, ids, true) > before || nothingIsReady(store, ids));
        } finally {
            kill(launcher);
        }
    }

    private void launchUntilAllAreOver(MongoWorkflowStore store, List<Integer> ids) throws Exception {
        Process launcher = launch();
        try {
            await("the end of all")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> workflows(store, ids).stream()
                            .allMatch(workflow -> workflow.state().isOver()));
        } finally {
            kill(launcher);
        }
    }

    private static void assertRunOnce(MongoWorkflowStore store, List<Integer> ids, String runs) {
        int byJrm = launched(store, ids, true);
        int byAgent = launched(store, ids, false);
        System.out.println("[mix] " + byJrm + " launched by jrm, " + byAgent + " by the agent");
        assertThat(workflows(store, ids))
                .hasSize(WORKFLOWS)
                .extracting(Workflow::state)
                .containsOnly(WorkflowState.COMPLETED);
        assertThat(runs.lines()).as("runs of workflows").hasSize(WORKFLOWS).doesNotHaveDuplicates();
        assertThat(byJrm).isPositive();
        assertThat(byAgent).isPositive();
        assertThat(byJrm + byAgent).isEqualTo(WORKFLOWS);
    }

    private static Endpoint port(EmbeddedLaunchpad launchpad) {
        return Endpoint.localhost(launchpad.port());
    }

    private static String run(LoginSession login, String command) {
        ExecResult result = login.exec(command, PATIENCE);
        assertThat(result.succeeded()).as(result.error()).isTrue();
        return result.output();
    }

    private Path launchpadFile(Secret password) throws IOException {
        return Files.writeString(directory.resolve("my_launchpad.yaml"), """
                host: 127.0.0.1
                port: %d
                name: %s
                username: %s
                password: %s
                """.formatted(
                        PracticeSite.LAUNCHPAD_PORT, ControlPlane.DATABASE, USER, password.reveal()));
    }

    private static List<Workflow> workflows(MongoWorkflowStore store, List<Integer> ids) {
        Set<Integer> wanted = new TreeSet<>(ids);
        return store.list(WorkflowFilter.DEPLOYMENTS).stream()
                .filter(workflow -> wanted.contains(workflow.id()))
                .toList();
    }

    private static int launched(MongoWorkflowStore store, List<Integer> ids, boolean byJrm) {
        return (int) workflows(store, ids).stream()
                .map(Workflow::launch)
                .filter(Objects::nonNull)
                .filter(launch ->
                        launch.launchDir() != null && launch.launchDir().contains(SiteLauncher.DEFAULT_FOLDER) == byJrm)
                .count();
    }

    private static boolean nothingIsReady(MongoWorkflowStore store, List<Integer> ids) {
        return workflows(store, ids).stream().noneMatch(workflow -> workflow.state() == WorkflowState.READY);
    }

    /** Workflows whose task says that it ran, with all that a FireWorks rocket needs to reach the LaunchPad. */
    private List<WorkflowDraft> drafts() {
        DeploymentPlan plan = DeploymentPlan.preview(
                file.config(),
                DeploymentSettings.DEFAULTS.withLaunchpad(Endpoint.localhost(PracticeSite.LAUNCHPAD_PORT)));
        List<WorkflowDraft> drafts = new ArrayList<>();
        for (int i = 0; i < WORKFLOWS; i++) {
            String node = "jrm-mix-" + i;
            ScriptTask task = new ScriptTask("echo " + node + " >>" + RUNS + "/" + node);
            WorkflowDraft plain = WorkflowDrafts.of(SITE, List.of(node), List.of(task), Map.of());
            drafts.add(new WorkflowDraft(
                    plain.name(),
                    plain.category(),
                    new JrmScriptRenderer().render(plan.job()).queue(),
                    plain.tasks(),
                    plain.jrms(),
                    plain.ssh(),
                    plain.metadata()));
        }
        return drafts;
    }

    /** The command as a user types it. */
    private Process launch() throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        Jrm.class.getName(),
                        "launch",
                        directory.resolve("site.yaml").toString(),
                        "--launchpad",
                        directory.resolve("my_launchpad.yaml").toString(),
                        "--ssh-config",
                        site.sshConfig().toString(),
                        "--known-hosts",
                        site.knownHosts().toString(),
                        "--interval",
                        "1")
                .inheritIO()
                .start();
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
}
