package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "render",
        description = "Prints the batch script and the node scripts of a site, with example names and ports.",
        footer = {
            "",
            "Examples: jrm render perlmutter.yaml --out scripts",
            "          jrm render perlmutter.yaml --qadapter my_qadapter.yaml --queue-template queue_template.yaml"
        })
final class Render implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Mixin
    private final LaunchpadOption launchpad = new LaunchpadOption();

    @Mixin
    private final QueueScriptOptions queueScript = new QueueScriptOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Write the scripts into this folder instead.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print JSON: the scripts by their names, or with --out the files.")
    private boolean json;

    @Override
    public Integer call() {
        DeploymentSettings settings = DeploymentSettings.DEFAULTS.withLaunchpad(launchpad.endpoint());
        BatchScripts scripts = new JrmScriptRenderer()
                .render(DeploymentPlan.preview(site.read(), settings).job());
        Map<String, String> files = ScriptListing.files(scripts);
        queueScript.render(scripts).ifPresent(script -> files.put(QueueScriptOptions.FILE, script));
        if (out == null) {
            ScriptListing.print(files, common.out(), json);
            return 0;
        }
        try {
            ScriptListing.write(files, out, common.out(), json);
            return 0;
        } catch (IOException e) {
            throw new JrmException("Cannot write into " + out + ": " + e, e, false);
        }
    }
}
