package org.jlab.jiriaf.jrm.script;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue.Reservation;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jspecify.annotations.Nullable;

/**
 * Renders what takes the place of FireWorks' queue script and rocket where jrm launches over SSH: nothing of FireWorks has to
 * be at the site. A pure function. Thread-safe.
 *
 * <p>What the job asks for comes from the workflow: {@code spec._queueadapter}, with the {@code #SBATCH} lines at the top of its
 * {@code pre_rocket} for what FireWorks has no key for. The rest of {@code pre_rocket} serves FireWorks alone and is left out;
 * the lines that run first come from the site's profile.
 */
public final class LaunchScriptRenderer {

    private static final String DIRECTIVE = "#SBATCH ";

    private final ScriptTemplate rocket = ScriptTemplate.load("rocket.sh");

    /** Makes a renderer. */
    public LaunchScriptRenderer() {}

    /**
     * Renders the scripts of a launch.
     *
     * @param site the site
     * @param reservation the reserved workflow
     * @param folder absolute path of its launch folder
     * @return its scripts
     * @throws BatchScriptException if a value of the workflow cannot stand in a script
     */
    public LaunchScripts render(SiteConfig site, Reservation reservation, String folder) {
        SiteProfile profile = site.jrm().profile();
        StringBuilder script = new StringBuilder();
        if (profile.scriptStart().isBatch()) {
            // As FireWorks' queue scripts: sites define their commands for login shells.
            script.append("#!/bin/bash -l\n").append(directives(reservation.queue()));
        } else {
            script.append("#!/bin/sh\n");
        }
        script.append("# Workflow ")
                .append(reservation.launch().workflowId())
                .append(", launch ")
                .append(reservation.launch().id())
                .append('\n');
        script.append(rocket.fill(
                Map.of("folder", ShellQuote.quote(folder), "prologue", String.join("\n", profile.prologue()))));
        return new LaunchScripts(script.toString(), tasks(reservation.tasks()));
    }

    private static String directives(QueueSettings queue) {
        SlurmDirectives directives = new SlurmDirectives()
                .add("nodes", queue.nodes())
                .add("time", checked("walltime", queue.walltime()))
                .add("qos", checked("qos", queue.qos()))
                .add("account", checked("account", queue.account()))
                .add("constraint", checked("constraint", queue.constraint()))
                .add("reservation", checked("reservation", queue.reservation()))
                .add("output", "FW_job-%j.out")
                .add("error", "FW_job-%j.error");
        StringBuilder lines = new StringBuilder(directives.toString());
        if (queue.preRocket() != null) {
            queue.preRocket()
                    .lines()
                    .takeWhile(line -> line.startsWith(DIRECTIVE))
                    .forEach(line -> lines.append(line).append('\n'));
        }
        return lines.toString();
    }

    /** The database is shared: what others stored has not been checked. */
    private static @Nullable String checked(String key, @Nullable String value) {
        String expected = value == null ? null : TextRules.directive(value);
        if (expected != null) {
            throw new BatchScriptException("spec._queueadapter." + key + " of the workflow is '"
                    + TextRules.printable(String.valueOf(value)) + "' and cannot be used, expected "
                    + expected);
        }
        return value;
    }

    /** As FireWorks runs them: each in a shell of its own, until one fails. The last takes the place of the script itself. */
    private static String tasks(List<ScriptTask> tasks) {
        List<String> lines = new ArrayList<>();
        lines.add("#!/bin/sh");
        for (Iterator<ScriptTask> left = tasks.iterator(); left.hasNext(); ) {
            String command = "sh -c " + ShellQuote.quote(left.next().script());
            lines.add(left.hasNext() ? command + " || exit" : "exec " + command);
        }
        return String.join("\n", lines) + "\n";
    }
}
