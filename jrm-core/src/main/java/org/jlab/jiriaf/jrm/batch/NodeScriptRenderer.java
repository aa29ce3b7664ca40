package org.jlab.jiriaf.jrm.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.Walltime;

/** Renders the scripts that become JRMs. */
final class NodeScriptRenderer {

    private final ScriptTemplate node = ScriptTemplate.load("node.sh");
    private final ScriptTemplate tunnels = ScriptTemplate.load("node-tunnels.sh");

    List<NodeScript> render(BatchJob job) {
        return job.nodes().stream()
                .map(one -> new NodeScript(one.name(), one.name() + ".sh", content(job.site(), one)))
                .toList();
    }

    private String content(SiteConfig site, JrmNode jrm) {
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
                Map.entry("tunnelFunctions", tunnelled ? tunnelFunctions(site, jrm) : ""),
                Map.entry("startTunnels", tunnelled ? "(exec 9>&-; keep_tunnels) &\n" : "")));
    }

    private String tunnelFunctions(SiteConfig site, JrmNode jrm) {
        SshCommand ssh = new SshCommand(site.ssh().route().login());
        return tunnels.fill(Map.of(
                "login", ssh.quotedDestination(),
                "options", SshCommand.OPTIONS,
                "forwards", forwards(jrm),
                "apiserverPort", Integer.toString(site.jrm().apiserverPort()),
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
