package org.jlab.jiriaf.jrm.examples;

import java.io.PrintStream;
import java.nio.file.Path;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.site.SiteConfig;

/** Prints the batch script of a site file. Needs no cluster, no database and no network. */
public final class RenderScripts {

    private RenderScripts() {}

    /**
     * Runs the example.
     *
     * @param arguments a site file
     */
    public static void main(String[] arguments) {
        print(SiteConfig.read(Path.of(arguments[0])), System.out);
    }

    static void print(SiteConfig site, PrintStream out) {
        DeploymentPlan plan = DeploymentPlan.preview(site, DeploymentSettings.DEFAULTS);
        BatchScripts scripts = new JrmScriptRenderer().render(plan.job());
        out.print(scripts.batchScript());
    }
}
