package org.jlab.jiriaf.jrm.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;

/** Workflows to test with. */
public final class WorkflowDrafts {

    private WorkflowDrafts() {}

    /**
     * A deployment of one node whose job does nothing.
     *
     * @param site site name, which is the category
     * @param nodename name of the node
     * @return the draft
     */
    public static WorkflowDraft oneNode(String site, String nodename) {
        return of(site, List.of(nodename), List.of(new ScriptTask("true")), Map.of());
    }

    /**
     * A deployment of one node that asks the queue for an account.
     *
     * @param site site name, which is the category
     * @param nodename name of the node
     * @param account the account
     * @return the draft
     */
    public static WorkflowDraft withAccount(String site, String nodename, String account) {
        WorkflowDraft draft = oneNode(site, nodename);
        QueueSettings queue = draft.queue();
        return new WorkflowDraft(
                draft.name(),
                draft.category(),
                new QueueSettings(queue.jobName(), null, 1, null, account, null, null, null),
                draft.tasks(),
                draft.jrms(),
                draft.ssh(),
                draft.metadata());
    }

    /**
     * A deployment of two nodes with two custom metrics ports each.
     *
     * @param metadata what jrm stores with it
     * @return the draft
     */
    public static WorkflowDraft twoNodes(Map<String, String> metadata) {
        List<String> nodes = List.of("jrm-perlmutter-a1b2c3d4", "jrm-perlmutter-e5f60718");
        List<ScriptTask> tasks = new ArrayList<>();
        for (String node : nodes) {
            tasks.add(new ScriptTask(
                    "cat << 'EOF' > " + node + ".sh\n#!/bin/bash -l\nexport NODENAME=" + node + "\n\nEOF"));
            tasks.add(new ScriptTask("chmod +x " + node + ".sh"));
        }
        tasks.add(new ScriptTask("for n in " + String.join(" ", nodes) + "; do sh $n.sh & done; wait"));
        return of("perlmutter", nodes, tasks, metadata);
    }

    /**
     * A deployment with given nodes and tasks.
     *
     * @param site site name, which is the category
     * @param nodes names of the nodes
     * @param tasks what the job runs
     * @param metadata what jrm stores with it
     * @return the draft
     */
    public static WorkflowDraft of(
            String site, List<String> nodes, List<ScriptTask> tasks, Map<String, String> metadata) {
        String name = site + "_" + nodes.get(0);
        SortedMap<Integer, Integer> mapped = new TreeMap<>();
        List<Integer> ports = new ArrayList<>();
        List<SshInfo.Entry> metrics = new ArrayList<>();
        List<SshInfo.Entry> custom = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int port = 10001 + i;
            ports.add(port);
            metrics.add(forward(nodes.get(i), "L *:", port, null));
            for (int original : List.of(2221, 1776)) {
                int mappedPort = 20001 + mapped.size();
                mapped.put(mappedPort, original);
                custom.add(forward(nodes.get(i), "L *:", mappedPort, original));
            }
        }
        return new WorkflowDraft(
                name,
                site,
                new QueueSettings(name, "00:05:00", nodes.size(), "debug", "m0000", "cpu", null, "echo loading"),
                tasks,
                new JrmsInfo(
                        nodes,
                        ports,
                        38687,
                        "/global/u/jrm/kubeconfig",
                        "cp01",
                        nodes.stream().map(node -> "172.17.0.1").toList(),
                        site,
                        "docker:example/vk-cmd:main",
                        mapped),
                new SshInfo(
                        metrics,
                        forward("DB Connection", "R ", 27017, null),
                        forward("API Server", "R ", 38687, null),
                        custom),
                metadata);
    }

    private static SshInfo.Entry forward(
            String nodename, String kind, int port, @org.jspecify.annotations.Nullable Integer original) {
        return new SshInfo.Entry(
                "Command completed",
                "ssh -Nf" + kind + port + ":localhost:" + port + " login04",
                "perlmutter",
                "login04",
                nodename,
                port,
                original);
    }
}
