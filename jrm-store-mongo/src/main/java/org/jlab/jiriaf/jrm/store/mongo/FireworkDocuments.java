package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a new workflow, as FireWorks' {@code add_wf} writes them. Numbers are int32: int64 breaks FireWorks' YAML
 * output, and double its refresh.
 */
final class FireworkDocuments {

    private FireworkDocuments() {}

    /** Refuses what FireWorks' driver could not read back or would take for something else. */
    static void requireStorable(WorkflowDraft draft) {
        for (String key : draft.metadata().keySet()) {
            if (key.isEmpty() || key.startsWith("$") || key.contains(".") || key.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("metadata key '" + key
                        + "' cannot be stored: it must not be empty, start with $ or contain a dot or NUL");
            }
        }
    }

    static Document workflow(int id, WorkflowDraft draft, Instant now) {
        String key = Integer.toString(id);
        return new Document("_id", new ObjectId())
                .append("nodes", List.of(id))
                .append("links", new Document(key, List.of()))
                .append("parent_links", new Document())
                .append("metadata", metadata(draft))
                .append("state", WorkflowState.READY.name())
                .append("name", draft.name())
                .append("created_on", FireworksDate.date(now))
                .append("updated_on", FireworksDate.date(now))
                .append("fw_states", new Document(key, WorkflowState.READY.name()));
    }

    /** WAITING, so that no agent takes it before its workflow is there; {@code add} makes it READY then. */
    static Document firework(int id, WorkflowDraft draft, Instant now) {
        return new Document("_id", new ObjectId())
                .append("spec", spec(draft))
                .append("fw_id", id)
                .append("created_on", FireworksDate.text(now))
                .append("updated_on", FireworksDate.text(now))
                .append("state", WorkflowState.WAITING.name())
                .append("name", draft.name())
                .append("launches", List.of())
                .append("archived_launches", List.of());
    }

    /**
     * Only below {@code metadata} and {@code spec} does a field of one's own survive an agent. Also when empty it tells whose
     * workflow it is, should its Firework be gone.
     */
    private static Document metadata(WorkflowDraft draft) {
        Document jrm = new Document();
        draft.metadata().forEach(jrm::append);
        return new Document("jrm", jrm);
    }

    private static Document spec(WorkflowDraft draft) {
        return new Document("_category", draft.category())
                .append("_queueadapter", queueAdapter(draft.queue()))
                .append("jrms_info", jrmsInfo(draft.jrms()))
                .append("ssh_info", sshInfo(draft.ssh()))
                .append(
                        "_tasks",
                        draft.tasks().stream().map(FireworkDocuments::task).toList());
    }

    private static Document task(ScriptTask task) {
        return new Document("script", List.of(task.script()))
                .append("use_shell", true)
                .append("_fw_name", "ScriptTask");
    }

    private static Document queueAdapter(QueueSettings queue) {
        Document document = new Document("job_name", queue.jobName());
        appendUnlessNull(document, "walltime", queue.walltime());
        appendUnlessNull(document, "qos", queue.qos());
        document.append("nodes", queue.nodes());
        appendUnlessNull(document, "account", queue.account());
        appendUnlessNull(document, "constraint", queue.constraint());
        appendUnlessNull(document, "pre_rocket", queue.preRocket());
        appendUnlessNull(document, "reservation", queue.reservation());
        return document;
    }

    private static Document jrmsInfo(JrmsInfo jrms) {
        return new Document("nodenames", jrms.nodenames())
                .append("jrm_ports", jrms.jrmPorts())
                .append("apiserver_port", jrms.apiserverPort())
                .append("kubeconfig", jrms.kubeconfig())
                .append("control_plane_ip", jrms.controlPlaneIp())
                .append("vkubelet_pod_ips", jrms.vkubeletPodIps())
                .append("site", jrms.site())
                .append("image", jrms.image())
                .append("mapped_custom_metrics_ports", mappedPorts(jrms.mappedCustomMetricsPorts()));
    }

    private static Document mappedPorts(SortedMap<Integer, Integer> ports) {
        Document document = new Document();
        ports.forEach((mapped, original) -> document.append(mapped.toString(), original.toString()));
        return document;
    }

    private static Document sshInfo(SshInfo ssh) {
        Document document = new Document("ssh_metrics", entries(ssh.metrics()));
        if (ssh.database() != null) {
            document.append("ssh_db", entry(ssh.database()));
        }
        if (ssh.apiserver() != null) {
            document.append("ssh_apiserver", entry(ssh.apiserver()));
        }
        return document.append("ssh_custom_metrics", entries(ssh.customMetrics()));
    }

    private static List<Document> entries(List<SshInfo.Entry> entries) {
        List<Document> documents = new ArrayList<>();
        entries.forEach(entry -> documents.add(entry(entry)));
        return documents;
    }

    private static Document entry(SshInfo.Entry entry) {
        String port = Integer.toString(entry.port());
        Integer original = entry.customMetricsPort();
        return new Document("status", entry.status())
                .append("cmd", entry.command())
                .append("remote_proxy", entry.remoteProxy())
                .append("remote", entry.remote())
                .append("nodename", entry.nodename())
                .append(
                        "port",
                        original == null
                                ? port
                                : new Document("mapped_port", port).append("custom_metrics_port", original.toString()));
    }

    private static void appendUnlessNull(Document document, String key, @Nullable String value) {
        if (value != null) {
            document.append(key, value);
        }
    }
}
