package org.jlab.jiriaf.jrm.script;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.SlurmOptions;
import org.jlab.jiriaf.jrm.site.SlurmSettings;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/**
 * Refuses jobs with values that a script cannot carry. A site file has been checked before, but a job can also be made by
 * hand.
 */
final class JobChecks {

    private final List<String> faults = new ArrayList<>();

    private JobChecks() {}

    /**
     * Checks a job.
     *
     * @throws BatchScriptException if a value will not do; it names all that will not
     */
    static void check(BatchJob job) {
        JobChecks checks = new JobChecks();
        checks.slurm(job.site().slurm());
        checks.jrm(job.site().jrm());
        checks.nodes(job);
        if (job.site().jrm().profile().nodeTunnels()) {
            checks.login(job.site().ssh().route().login());
        }
        if (!checks.faults.isEmpty()) {
            throw new BatchScriptException("Cannot render " + job.nodes().size() + " nodes of "
                    + job.site().jrm().site() + ": " + String.join("; ", checks.faults));
        }
    }

    private void slurm(SlurmSettings slurm) {
        directive("slurm.constraint", slurm.constraint());
        directive("slurm.qos", slurm.qos());
        directive("slurm.account", slurm.account());
        directive("slurm.reservation", slurm.reservation());
        SlurmOptions options = slurm.options();
        directive("slurm.partition", options.partition());
        directive("slurm.gpus_per_node", options.gpusPerNode());
        directive("slurm.licenses", options.licenses());
        directive("slurm.mail_user", options.mailUser());
        directive("slurm.mail_type", options.mailType());
        directive("slurm.signal", options.signal());
        options.directives().forEach(directive -> directive("slurm.directives", directive));
    }

    private void jrm(JrmSettings jrm) {
        check("jrm.site", jrm.site(), TextRules.label(jrm.site()));
        check("jrm.kubeconfig", jrm.kubeconfig(), TextRules.absolutePath(jrm.kubeconfig()));
        check("jrm.image", jrm.image(), TextRules.argument(jrm.image()));
        for (String option : jrm.profile().srunOptions()) {
            check("srun option of profile " + jrm.profile().name(), option, TextRules.oneLine(option));
        }
        String conda = jrm.profile().condaEnvironment();
        check("conda environment of profile " + jrm.profile().name(), conda, TextRules.queueLine(conda));
        for (String line : jrm.profile().prologue()) {
            check("prologue of profile " + jrm.profile().name(), line, TextRules.queueLine(line));
        }
    }

    private void nodes(BatchJob job) {
        Set<String> names = new HashSet<>();
        for (JrmNode node : job.nodes()) {
            check("name of a node", node.name(), TextRules.nodeName(node.name()));
            check("pod IP of " + node.name(), node.podIp(), TextRules.address(node.podIp()));
            if (!names.add(node.name())) {
                faults.add("two nodes are named '" + node.name() + "'");
            }
        }
    }

    private void login(SshHop login) {
        check("ssh.remote", login.toString(), TextRules.destination(login.toString()));
    }

    private void directive(String field, @Nullable String value) {
        if (value != null) {
            check(field, value, TextRules.directive(value));
        }
    }

    private void check(String field, String value, @Nullable String expected) {
        if (expected != null) {
            faults.add(field + " '" + TextRules.printable(value) + "' cannot be used, expected " + expected);
        }
    }
}
