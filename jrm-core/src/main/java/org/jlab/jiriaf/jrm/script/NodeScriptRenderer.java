package org.jlab.jiriaf.jrm.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.Walltime;

/** Renders the scripts that become JRMs: what is the same for all nodes once, so that a job may have many. */
final class NodeScriptRenderer {

    /** How long a JRM gets to end at least. */
    private static final long PATIENCE_SECONDS = 10;

    private final ScriptTemplate shared = ScriptTemplate.load(BatchScripts.SHARED_FILE);
    private final ScriptTemplate node = ScriptTemplate.load("node.sh");
    private final ScriptTemplate tunnels = ScriptTemplate.load("node-tunnels.sh");
    private final ScriptTemplate portTaken = ScriptTemplate.load("port-taken.sh");

    String shared(BatchJob job) {
        SiteConfig site = job.site();
        long drain = site.jrm().drain().toSeconds();
        boolean tunnelled = site.jrm().profile().nodeTunnels();
        return shared.fill(Map.of(
                "kubeconfig", ShellQuote.quote(site.jrm().kubeconfig()),
                "walltime", Long.toString(site.slurm().walltime().jiriafSeconds()),
                "nodetype", ShellQuote.quote(site.slurm().nodeType()),
                "site", ShellQuote.quote(site.jrm().site()),
                "apiserverPort", Integer.toString(site.jrm().apiserverPort()),
                "margin", Long.toString(Walltime.MARGIN.toSeconds()),
                "drain", Long.toString(drain),
                "patience", Long.toString(Math.max(drain, PATIENCE_SECONDS)),
                "tunnelFunctions", tunnelled ? tunnelFunctions(job) : "",
                "startTunnels", tunnelled ? "(exec 9>&-; keep_tunnels) &\n" : ""));
    }

    List<NodeScript> nodes(BatchJob job) {
        return job.nodes().stream()
                .map(one -> new NodeScript(one.name(), one.name() + ".sh", content(job, one)))
                .toList();
    }

    private String content(BatchJob job, JrmNode jrm) {
        boolean tunnelled = job.site().jrm().profile().nodeTunnels();
        return node.fill(Map.of(
                "nodename", ShellQuote.quote(jrm.name()),
                "podIp", ShellQuote.quote(jrm.podIp()),
                "kubeletPort", Integer.toString(jrm.kubeletPort()),
                "forwards", tunnelled ? "export JRM_FORWARDS=" + ShellQuote.quote(forwards(jrm)) : ""));
    }

    private String tunnelFunctions(BatchJob job) {
        SshCommand ssh = SshCommand.of(job);
        return tunnels.fill(Map.of(
                "login", ssh.quotedDestination(),
                "portTaken", portTaken.fill(Map.of()),
                "environment", ssh.environment(),
                "options", ssh.options(),
                "redirect", ssh.redirect("\"$dir.ssh\""),
                "refused", ssh.endIfRefused("\"$dir.ssh\""),
                "apiserverPort", Integer.toString(job.site().jrm().apiserverPort()),
                "port", ssh.portOption()));
    }

    // The kubelet keeps its port, a custom metrics port is mapped.
    private static String forwards(JrmNode jrm) {
        List<String> words = new ArrayList<>();
        words.add(forward(jrm.kubeletPort(), jrm.kubeletPort()));
        for (MappedPort custom : jrm.customMetrics()) {
            words.add(forward(custom.mapped(), custom.original()));
        }
        return String.join(" ", words);
    }

    private static String forward(int from, int to) {
        return "-R " + from + ":localhost:" + to;
    }
}
