package org.jlab.jiriaf.jrm.script;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.site.SlurmSettings;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jspecify.annotations.Nullable;

/**
 * Renders jobs for all site profiles. The scripts need a POSIX {@code sh}, {@code bash} 4.2 or newer for one probe, the GNU
 * core utilities, {@code grep} and {@code setsid} at the site.
 *
 * <p>What runs there: the job copies {@code /vk-cmd} out of the image once, starts one script per node and waits for all of
 * them. A node script opens the tunnels of its node, waits until the API server answers through them, runs {@code start.sh}
 * until the walltime is over, and takes everything that it started with it. It logs to {@code logs/NODE.log} in the launch
 * folder and leaves its exit code and the reason in {@code NODE.exit}.
 *
 * <p>Thread-safe.
 */
public final class JrmScriptRenderer implements BatchScriptRenderer {

    private static final String END_OF_SCRIPT = "END_OF_JRM_SCRIPT";

    private final NodeScriptRenderer nodeScripts = new NodeScriptRenderer();
    private final RunScriptRenderer runScript = new RunScriptRenderer();
    private final ScriptTemplate launchpadForward = ScriptTemplate.load("launchpad-forward.sh");
    private final ScriptTemplate portTaken = ScriptTemplate.load("port-taken.sh");

    /** Makes a renderer. */
    public JrmScriptRenderer() {}

    @Override
    public BatchScripts render(BatchJob job) {
        JobChecks.check(job);
        String shared = nodeScripts.shared(job);
        List<NodeScript> scripts = nodeScripts.nodes(job);
        String run = runScript.render(job);
        return new BatchScripts(
                batchScript(job, shared, scripts, run), shared, scripts, queue(job), tasks(shared, scripts, run));
    }

    private static String batchScript(BatchJob job, String shared, List<NodeScript> scripts, String run) {
        SiteProfile profile = job.site().jrm().profile();
        StringBuilder script = new StringBuilder();
        if (profile.scriptStart().isBatch()) {
            // As FireWorks' queue scripts: sites define their commands for login shells.
            script.append("#!/bin/bash -l\n").append(directives(job));
        } else {
            script.append("#!/bin/sh\n");
        }
        script.append("# ").append(job.name()).append(": ");
        script.append(scripts.size() == 1 ? "one JRM" : scripts.size() + " JRMs")
                .append('\n');
        profile.prologue().forEach(line -> script.append(line).append('\n'));
        script.append('\n').append(write(BatchScripts.SHARED_FILE, shared));
        for (NodeScript node : scripts) {
            script.append('\n').append(write(node)).append(makeExecutable(node)).append('\n');
        }
        return script.append('\n').append(run).toString();
    }

    private static SlurmDirectives directives(BatchJob job) {
        SlurmSettings slurm = job.site().slurm();
        return new SlurmDirectives()
                .add("job-name", job.name())
                .add("nodes", job.nodes().size())
                .add("time", walltime(slurm))
                .add("qos", slurm.qos())
                .add("account", slurm.account())
                .add("constraint", slurm.constraint())
                .add("reservation", slurm.reservation())
                .add(slurm.options())
                .add("output", job.name() + "-%j.out")
                .add("error", job.name() + "-%j.error");
    }

    private QueueSettings queue(BatchJob job) {
        SlurmSettings slurm = job.site().slurm();
        return new QueueSettings(
                job.name(),
                walltime(slurm),
                job.nodes().size(),
                slurm.qos(),
                slurm.account(),
                slurm.constraint(),
                slurm.reservation(),
                preRocket(job));
    }

    private @Nullable String preRocket(BatchJob job) {
        JrmSettings jrm = job.site().jrm();
        List<String> parts = new ArrayList<>();
        // FireWorks' template has its directives, and nothing else, before pre_rocket.
        String directives =
                new SlurmDirectives().add(job.site().slurm().options()).toString();
        if (!directives.isEmpty() && jrm.profile().scriptStart().isBatch()) {
            parts.add(directives.stripTrailing());
        }
        parts.addAll(jrm.profile().prologue());
        if (!jrm.profile().condaEnvironment().isEmpty()) {
            parts.add("conda activate " + ShellQuote.quote(jrm.profile().condaEnvironment()));
        }
        if (jrm.profile().launchpadForward()) {
            SshCommand ssh = SshCommand.of(job);
            parts.add(launchpadForward
                    .fill(Map.of(
                            "login", ssh.quotedDestination(),
                            "portTaken", portTaken.fill(Map.of()),
                            "environment", ssh.environment(),
                            "options", ssh.options(),
                            "redirect", ssh.redirect("jrm-ssh.errors"),
                            "refused", ssh.endIfRefused("jrm-ssh.errors"),
                            "sshPort", ssh.portOption(),
                            "port", Integer.toString(job.launchpadPort())))
                    .stripTrailing());
        }
        return parts.isEmpty() ? null : String.join("\n", parts);
    }

    private static List<ScriptTask> tasks(String shared, List<NodeScript> scripts, String run) {
        List<ScriptTask> tasks = new ArrayList<>();
        tasks.add(task(write(BatchScripts.SHARED_FILE, shared), BatchScripts.SHARED_FILE));
        for (NodeScript script : scripts) {
            tasks.add(task(write(script), script.nodeName()));
            tasks.add(task(makeExecutable(script), script.nodeName()));
        }
        requireFits(scripts, run);
        tasks.add(new ScriptTask(run));
        return tasks;
    }

    /** The task that starts the nodes names them all. */
    private static void requireFits(List<NodeScript> scripts, String run) {
        int bytes = bytes(run);
        if (bytes <= ScriptTask.MAX_BYTES) {
            return;
        }
        int names =
                scripts.stream().mapToInt(one -> one.nodeName().length() + 1).sum();
        long fit = (long) (ScriptTask.MAX_BYTES - (bytes - names)) * scripts.size() / names;
        throw new BatchScriptException("The task that starts " + scripts.size() + " nodes has " + bytes
                + " bytes, and Linux runs no command of more than " + ScriptTask.MAX_BYTES + ". It fits with " + fit
                + " nodes: set slurm.nodes to that and deploy the rest as another.");
    }

    private static int bytes(String script) {
        return script.getBytes(StandardCharsets.UTF_8).length;
    }

    private static ScriptTask task(String script, String what) {
        int bytes = bytes(script);
        if (bytes > ScriptTask.MAX_BYTES) {
            throw new BatchScriptException(
                    "The task for " + what + " has " + bytes + " bytes, and Linux runs no command of" + " more than "
                            + ScriptTask.MAX_BYTES + "; use fewer custom metrics ports");
        }
        return new ScriptTask(script);
    }

    private static String write(NodeScript script) {
        return write(script.fileName(), script.content());
    }

    private static String write(String file, String content) {
        if (("\n" + content).contains("\n" + END_OF_SCRIPT + "\n")) {
            throw new IllegalStateException(file + " holds the line " + END_OF_SCRIPT);
        }
        return "cat >" + ShellQuote.quote(file) + " <<'" + END_OF_SCRIPT + "'\n" + content + END_OF_SCRIPT + "\n";
    }

    private static String makeExecutable(NodeScript script) {
        return "chmod 700 " + ShellQuote.quote(script.fileName());
    }

    private static @Nullable String walltime(SlurmSettings slurm) {
        return slurm.walltime().isUnlimited() ? null : slurm.walltime().toSlurm();
    }
}
