package org.jlab.jiriaf.jrm.script;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.site.SiteProfile;
import org.jlab.jiriaf.jrm.site.SiteProfile.ImageFetch;
import org.jlab.jiriaf.jrm.site.SiteProfile.ScriptStart;

/** Renders the part of a job that copies {@code /vk-cmd} out of the image, starts the node scripts and waits for them. */
final class RunScriptRenderer {

    private final ScriptTemplate run = ScriptTemplate.load("run.sh");
    private final Map<ScriptStart, ScriptTemplate> starts = new EnumMap<>(Map.of(
            ScriptStart.SRUN, ScriptTemplate.load("start-srun.sh"),
            ScriptStart.SRUN_EACH, ScriptTemplate.load("start-srun-each.sh"),
            ScriptStart.SH, ScriptTemplate.load("start-sh.sh")));

    String render(BatchJob job) {
        SiteProfile profile = job.site().jrm().profile();
        ImageFetch fetch = profile.imageFetch();
        return run.fill(Map.of(
                "image", ShellQuote.quote(ImageCopy.name(fetch, job.site().jrm().image())),
                "nodes", ShellQuote.join(job.nodes().stream().map(JrmNode::name).toList()),
                "fetch", ImageCopy.command(fetch),
                "stop", stop(profile),
                "removePassword", job.site().ssh().nodePassword() ? NodePassword.removal(job.name()) : "",
                "start", start(profile)));
    }

    // Seen with Slurm 22.05: at SIGTERM srun kills its tasks, SIGUSR1 it passes on to them.
    private static String stop(SiteProfile profile) {
        return profile.scriptStart().isBatch() ? "pass_on USR1 # srun kills its tasks at SIGTERM" : "pass_on TERM";
    }

    private String start(SiteProfile profile) {
        ScriptTemplate template = Objects.requireNonNull(starts.get(profile.scriptStart()));
        if (!profile.scriptStart().isBatch()) {
            return template.fill(Map.of());
        }
        String options = ShellQuote.join(profile.srunOptions());
        return template.fill(Map.of("options", options.isEmpty() ? "" : " " + options));
    }
}
