package org.jlab.jiriaf.jrm.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.Walltime;

/** Renders the scripts that become JRMs. */
final class NodeScriptRenderer {

    /** How long a JRM gets to end at least. */
    private static final long PATIENCE_SECONDS = 10;

    private final ScriptTemplate node = ScriptTemplate.load("node.sh");
    private final ScriptTemplate tunnels = ScriptTemplate.load("node-tunnels.sh");

    List<NodeScript> render(BatchJob job) {
        return job.nodes().stream()
                .map(one -> new NodeScript(one.name(), one.name() + ".sh", content(job, one)))
                .toList();
    }

    private String content(BatchJob job, JrmNode jrm) {
        SiteConfig site = job.site();
        long drain = site.jrm().drain().toSeconds();
        boolean tunnelled = site.jrm().profile().nodeTunnels();
        return node.fill(Map.ofEntries(
                Map.entry("nodename", ShellQuote.quote(jrm.name())),
                Map.entry("kubeconfig", ShellQuote.quote(site.jrm().kubeconfig())),
                Map.entry("podIp", ShellQuote.quote(jrm.podIp())),
                Map.entry("kubeletPort", Integer.toString(jrm.kubeletPort())),
                Map.entry("walltime", Long.toString(site.slurm().walltime().jiriafSeconds())),
                Map.entry("nodetype", ShellQuote.quote(site.slurm().nodeType())),
                Map.entry("site", ShellQuote.quote(site.jrm().site())),
                Map.entry("apiserverPort", Integer.toString(site.jrm().apiserverPort())),
                Map.entry("margin", Long.toString(Walltime.MARGIN.toSeconds())),
                Map.entry("drain", Long.toString(drain)),
                Map.entry("patience", Long.toString(Math.max(drain, PATIENCE_SECONDS))),
                Map.entry("tunnelFunctions", tunnelled ? tunnelFunctions(job, jrm) : ""),
                Map.entry("startTunnels", tunnelled ? "(exec 9>&-; keep_tunnels) &\n" : "")));
    }

    private String tunnelFunctions(BatchJob job, JrmNode jrm) {
        SshCommand ssh = SshCommand.of(job);
        return tunnels.fill(Map.of(
                "login", ssh.quotedDestination(),
                "environment", ssh.environment(),
                "options", ssh.options(),
                "redirect", ssh.redirect("\"$dir.ssh\""),
                "refused", ssh.endIfRefused("\"$dir.ssh\""),
                "forwards", forwards(jrm),
                "apiserverPort", Integer.toString(job.site().jrm().apiserverPort()),
                "port", ssh.portOption()));
    }

    // The kubelet keeps its port, a custom metrics port is mapped.
    private static String forwards(JrmNode jrm) {
        List<String> lines = new ArrayList<>();
        lines.add(forward(jrm.kubeletPort(), jrm.kubeletPort()));
        for (MappedPort custom : jrm.customMetrics()) {
            lines.add(forward(custom.mapped(), custom.original()));
        }
        return String.join(" \\\n", lines);
    }

    private static String forward(int from, int to) {
        return "            -R " + from + ":localhost:" + to;
    }
}
