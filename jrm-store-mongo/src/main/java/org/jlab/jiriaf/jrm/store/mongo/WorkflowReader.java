package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.model.Projections;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link Workflow}s of documents that anybody may have written: jrm, FireWorks of any version, older launchers.
 * Nothing in a document makes it fail; what is not understood is left out.
 */
final class WorkflowReader {

    /** What is read of a Firework: all but its scripts and what agents put into its spec. */
    static final Bson FIREWORK_FIELDS = Projections.include(
            "fw_id",
            "state",
            "created_on",
            "updated_on",
            "launches",
            "spec._category",
            "spec._allow_fizzled_parents",
            "spec._queueadapter.walltime",
            "spec.jrms_info",
            "spec.ssh_info",
            "spec.ssh_metrics",
            "spec.ssh_custom_metrics");

    /** What is read of a workflow. */
    static final Bson WORKFLOW_FIELDS =
            Projections.include("nodes", "links", "name", "created_on", "updated_on", "metadata.jrm");

    /** What is read of a launch: all but what its tasks left behind, save its message. */
    static final Bson LAUNCH_FIELDS = Projections.fields(
            Projections.include(
                    "launch_id",
                    "fw_id",
                    "state",
                    "launch_dir",
                    "host",
                    "time_start",
                    "time_end",
                    "state_history.state",
                    "state_history.created_on",
                    "state_history.updated_on",
                    "state_history.reservation_id"),
            Projections.include(LaunchMessage.FIELDS));

    private WorkflowReader() {}

    /**
     * Reads a workflow.
     *
     * @param workflow its document
     * @param fireworks its Fireworks by id
     * @param launches their present launches by id
     * @return the workflow, or null if it has no Fireworks: half added or half deleted
     */
    static @Nullable Workflow read(
            Document workflow, Map<Integer, Document> fireworks, Map<Integer, Document> launches) {
        List<Integer> nodes = DocumentFields.integers(workflow.get("nodes"));
        List<Document> members = existing(nodes, fireworks);
        if (members.isEmpty()) {
            return null;
        }
        Document main = members.stream()
                .filter(WorkflowReader::isDeployment)
                .findFirst()
                .orElse(members.get(0));
        Instant created = firstDate(workflow.get("created_on"), main.get("created_on"));
        return new Workflow(
                nodes.get(0),
                DocumentFields.text(workflow.get("name"), "unnamed WF"),
                new WorkflowGraph(workflow, members).state(),
                category(DocumentFields.at(main, "spec", "_category")),
                created,
                lastDate(created, workflow.get("updated_on"), main.get("updated_on")),
                DocumentFields.text(DocumentFields.at(main, "spec", "_queueadapter", "walltime")),
                jrms(DocumentFields.document(DocumentFields.at(main, "spec", "jrms_info"))),
                ssh(DocumentFields.document(main.get("spec"))),
                launch(main, launches),
                metadata(DocumentFields.document(DocumentFields.at(workflow, "metadata", "jrm"))));
    }

    /** Those of the documents that there are, by id. */
    private static List<Document> existing(List<Integer> ids, Map<Integer, Document> documents) {
        List<Document> existing = new ArrayList<>(ids.size());
        for (Integer id : ids) {
            Document document = documents.get(id);
            if (document != null) {
                existing.add(document);
            }
        }
        return existing;
    }

    static boolean isDeployment(Document firework) {
        return DocumentFields.at(firework, "spec", "jrms_info") instanceof Document;
    }

    /** Ids of the present launches of Fireworks. */
    static List<Integer> launchIds(Document firework) {
        return DocumentFields.integers(firework.get("launches"));
    }

    static Map<Integer, Document> byId(String field, Iterable<Document> documents) {
        Map<Integer, Document> byId = new HashMap<>();
        for (Document document : documents) {
            Integer id = DocumentFields.integer(document.get(field));
            if (id != null) {
                byId.put(id, document);
            }
        }
        return byId;
    }

    private static @Nullable String category(@Nullable Object category) {
        return category instanceof List<?> several
                ? DocumentFields.texts(several).stream().findFirst().orElse(null)
                : DocumentFields.text(category);
    }

    private static @Nullable JrmsInfo jrms(@Nullable Document info) {
        if (info == null) {
            return null;
        }
        List<String> nodenames = DocumentFields.texts(info.get("nodenames"));
        Integer apiserverPort = DocumentFields.integer(info.get("apiserver_port"));
        return new JrmsInfo(
                nodenames,
                DocumentFields.integers(info.get("jrm_ports")),
                apiserverPort == null ? 0 : apiserverPort,
                DocumentFields.text(info.get("kubeconfig"), ""),
                DocumentFields.text(info.get("control_plane_ip"), ""),
                podIps(info, nodenames.size()),
                DocumentFields.text(info.get("site"), ""),
                DocumentFields.text(info.get("image"), ""),
                mappedPorts(DocumentFields.document(info.get("mapped_custom_metrics_ports"))));
    }

    /** Older documents have one address for all nodes. */
    private static List<String> podIps(Document info, int nodes) {
        String single = DocumentFields.text(info.get("vkubelet_pod_ip"));
        return info.get("vkubelet_pod_ips") == null && single != null
                ? Stream.generate(() -> single).limit(nodes).toList()
                : DocumentFields.texts(info.get("vkubelet_pod_ips"));
    }

    private static SortedMap<Integer, Integer> mappedPorts(@Nullable Document ports) {
        SortedMap<Integer, Integer> mapped = new TreeMap<>();
        if (ports != null) {
            ports.forEach((key, value) -> {
                Integer from = DocumentFields.integer(key);
                Integer to = DocumentFields.integer(value);
                if (from != null && to != null) {
                    mapped.put(from, to);
                }
            });
        }
        return mapped;
    }

    /** Older documents hold the lists directly in the spec. */
    private static @Nullable SshInfo ssh(@Nullable Document spec) {
        Document info = spec == null ? null : DocumentFields.document(spec.get("ssh_info"));
        Document source = info == null ? spec : info;
        if (source == null || (info == null && !source.containsKey("ssh_metrics"))) {
            return null;
        }
        return new SshInfo(
                entries(source.get("ssh_metrics")),
                entry(DocumentFields.document(source.get("ssh_db"))),
                entry(DocumentFields.document(source.get("ssh_apiserver"))),
                entries(source.get("ssh_custom_metrics")));
    }

    private static List<SshInfo.Entry> entries(@Nullable Object documents) {
        List<SshInfo.Entry> entries = new ArrayList<>();
        for (Document document : DocumentFields.documents(documents)) {
            SshInfo.Entry entry = entry(document);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static SshInfo.@Nullable Entry entry(@Nullable Document entry) {
        if (entry == null) {
            return null;
        }
        Document mapping = DocumentFields.document(entry.get("port"));
        Integer port = DocumentFields.integer(mapping == null ? entry.get("port") : mapping.get("mapped_port"));
        if (port == null) {
            return null;
        }
        return new SshInfo.Entry(
                DocumentFields.text(entry.get("status"), ""),
                DocumentFields.text(entry.get("cmd"), ""),
                DocumentFields.text(entry.get("remote_proxy")),
                DocumentFields.text(entry.get("remote")),
                DocumentFields.text(entry.get("nodename"), ""),
                port,
                mapping == null ? null : DocumentFields.integer(mapping.get("custom_metrics_port")));
    }

    private static @Nullable Launch launch(Document firework, Map<Integer, Document> launches) {
        Document launch = WorkflowGraph.representative(existing(launchIds(firework), launches));
        Integer fireworkId = DocumentFields.integer(firework.get("fw_id"));
        return launch == null || fireworkId == null ? null : launch(launch, fireworkId);
    }

    static Launch launch(Document launch, int fireworkId) {
        List<Document> history = DocumentFields.documents(launch.get("state_history"));
        WorkflowState state = WorkflowGraph.state(launch.get("state"));
        boolean alive = state == WorkflowState.RESERVED || state == WorkflowState.RUNNING;
        Document last = history.isEmpty() ? null : history.get(history.size() - 1);
        return new Launch(
                Objects.requireNonNullElse(DocumentFields.integer(launch.get("launch_id")), 0),
                fireworkId,
                state,
                DocumentFields.text(launch.get("launch_dir")),
                DocumentFields.text(launch.get("host")),
                history.stream()
                        .map(entry -> DocumentFields.text(entry.get("reservation_id")))
                        .filter(Objects::nonNull)
                        .reduce((earlier, later) -> later)
                        .orElse(null),
                FireworksDate.read(launch.get("time_start")),
                FireworksDate.read(launch.get("time_end")),
                alive && last != null ? FireworksDate.read(last.get("updated_on")) : null,
                LaunchMessage.of(launch, state));
    }

    private static Map<String, String> metadata(@Nullable Document jrm) {
        Map<String, String> metadata = new HashMap<>();
        if (jrm != null) {
            jrm.forEach((key, value) -> metadata.put(key, DocumentFields.text(value, String.valueOf(value))));
        }
        return metadata;
    }

    private static Instant firstDate(@Nullable Object first, @Nullable Object second) {
        Instant date = FireworksDate.read(first);
        Instant other = date == null ? FireworksDate.read(second) : date;
        return other == null ? Instant.EPOCH : other;
    }

    private static Instant lastDate(Instant otherwise, @Nullable Object first, @Nullable Object second) {
        Instant date = FireworksDate.read(first);
        Instant other = FireworksDate.read(second);
        if (date == null || other == null) {
            return date == null ? Objects.requireNonNullElse(other, otherwise) : date;
        }
        return date.isAfter(other) ? date : other;
    }
}
