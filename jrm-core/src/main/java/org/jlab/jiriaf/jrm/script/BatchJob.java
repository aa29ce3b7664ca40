package org.jlab.jiriaf.jrm.script;

import java.util.List;
import org.jlab.jiriaf.jrm.internal.Checks;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.site.SiteConfig;

/**
 * What a renderer needs to know: one batch job that starts one JRM on each of its compute nodes.
 *
 * @param site the site
 * @param nodes the JRMs, one per compute node, at least one
 * @param launchpadPort port of the LaunchPad on the login node, forwarded from there into the job where the profile wants
 *     it
 */
public record BatchJob(SiteConfig site, List<JrmNode> nodes, int launchpadPort) {

    /** Checks and copies. */
    public BatchJob {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("nodes of a batch job must name at least one");
        }
        Checks.port(launchpadPort, "LaunchPad port");
    }

    /**
     * The name of the job, its workflow and its Firework.
     *
     * @return {@code <site>_<first node>}
     */
    public String name() {
        return site.jrm().site() + "_" + nodes.get(0).name();
    }
}
