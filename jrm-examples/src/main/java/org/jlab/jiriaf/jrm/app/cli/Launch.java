package org.jlab.jiriaf.jrm.app.cli;

import com.mongodb.client.MongoClient;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.launch.LaunchEvent;
import org.jlab.jiriaf.jrm.launch.SiteLauncher;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "launch",
        description =
                "Submits the waiting workflows of a site over SSH and follows their jobs until they end, with no FireWorks"
                        + " installed there. Agents at the site can go on to serve the same LaunchPad.",
        footer = {
            "",
            "Jobs go on when this command ends; the next 'jrm launch' takes them up, and none is submitted twice.",
            "",
            "Examples: jrm launch perlmutter.yaml --launchpad my_launchpad.yaml",
            "          jrm launch perlmutter.yaml --once   # as a cron job"
        })
final class Launch implements Callable<Integer> {

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final SshOptions ssh = new SshOptions();

    @Option(
            names = "--once",
            description = "Bring the jobs up to date, submit what waits, and end. Default: go on until Ctrl-C.")
    private boolean once;

    @Option(
            names = "--json",
            description = "Print what happens as lines of JSON; with --once last how many launches there are.")
    private boolean json;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "How often the batch system is asked for the jobs, with one squeue for all. Default: 30")
    private int interval = Math.toIntExact(SiteLauncher.DEFAULT_INTERVAL.toSeconds());

    @Option(
            names = "--folder",
            paramLabel = "PATH",
            description =
                    "Folder at the site for the launch folders, on a file system that all nodes see; a relative path"
                            + " starts at the home directory. Default: " + SiteLauncher.DEFAULT_FOLDER)
    private String folder = SiteLauncher.DEFAULT_FOLDER;

    @Override
    public Integer call() throws Exception {
        if (interval < 1) {
            throw new ParameterException(spec.commandLine(), "--interval must be at least 1, not " + interval);
        }
        SiteConfig config = site.read();
        return Interruption.guard(() -> launch(config));
    }

    private int launch(SiteConfig config) {
        LaunchpadConfig file = launchpad.config();
        try (MongoClient mongo = file.open();
                TunnelManager tunnels = ssh.open();
                SiteLauncher launcher = SiteLauncher.builder()
                        .site(config)
                        .workflows(new MongoWorkflowStore(mongo.getDatabase(file.databaseName())))
                        .tunnels(tunnels)
                        .interval(Duration.ofSeconds(interval))
                        .folder(folder)
                        .onEvent(this::print)
                        .build()) {
            if (once) {
                int launches = launcher.pass();
                common.out()
                        .println(
                                json
                                        ? Json.MAPPER.writeValueAsString(Map.of("launches", launches))
                                        : launches + " launches waiting or running");
            } else {
                common.err()
                        .println("Launching workflows of category "
                                + config.jrm().site() + " until Ctrl-C");
                common.err().flush();
                runUntilInterrupted(launcher);
            }
            return 0;
        }
    }

    /** Ctrl-C may come while the login node is waited for, and is no failure then either. */
    private void runUntilInterrupted(SiteLauncher launcher) {
        try {
            launcher.run();
        } catch (JrmException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
        }
        // What is closed after this does its work only if it is not interrupted, too.
        boolean unused = Thread.interrupted();
        common.err().println("Jobs go on; the next 'jrm launch' takes them up.");
    }

    private void print(LaunchEvent event) {
        if (json) {
            common.out().println(Json.MAPPER.writeValueAsString(event));
            common.out().flush();
            return;
        }
        common.err().println(CLOCK.format(event.at()) + " " + event);
        common.err().flush();
    }
}
