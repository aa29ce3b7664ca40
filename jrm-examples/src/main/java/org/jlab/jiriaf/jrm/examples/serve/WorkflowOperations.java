package org.jlab.jiriaf.jrm.examples.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.Deployment;
import org.jlab.jiriaf.jrm.batch.JrmNode;
import org.jlab.jiriaf.jrm.examples.report.Json;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Deployments: listed, shown, made and deleted. */
final class WorkflowOperations {

    static final int MAX_ID = 999_999_999;

    private static final int MAX_TIMEOUT_SECONDS = 600;

    private final ServiceParts parts;
    private final LiveState live;
    private final Forwards forwards;
    private final QueueReasons queue;

    WorkflowOperations(ServiceParts parts, LiveState live, Forwards forwards, QueueReasons queue) {
        this.queue = queue;
        this.parts = parts;
        this.live = live;
        this.forwards = forwards;
    }

    List<Operation> operations() {
        return List.of(
                Operation.get("/workflows", this::list),
                Operation.post("/workflows", Operation.SITE_FILE, this::deploy),
                Operation.get("/workflows/{id}", this::show),
                Operation.delete("/workflows/{id}", this::delete));
    }

    static Problem notFound(int id) {
        return new Problem(
                404, "There is no workflow " + id + " of JRMs in the LaunchPad; GET /workflows lists those that are");
    }

    /** The workflow that a request is about. */
    Workflow workflow(Call call) {
        int id = call.number("id", 0, MAX_ID);
        return parts.store().find(id).filter(Workflow::isDeployment).orElseThrow(() -> notFound(id));
    }

    private Reply list(Call call) {
        return Reply.json(parts.jrm().workflows().stream().map(live::summary).toList());
    }

    private Reply show(Call call) {
        return Reply.json(detail(workflow(call)));
    }

    /** The summary, and what there is node by node and forward by forward. */
    private ObjectNode detail(Workflow workflow) {
        ObjectNode detail = Json.MAPPER.valueToTree(live.summary(workflow));
        Map<String, NodeStatus> known = live.nodes();
        List<Map<String, @Nullable Object>> jrms = new ArrayList<>();
        for (JrmNode node : JrmNode.allOf(workflow)) {
            NodeStatus status = known == null ? null : known.get(node.name());
            Map<String, @Nullable Object> jrm = new LinkedHashMap<>();
            jrm.put("name", node.name());
            jrm.put("ready", known == null ? null : status != null && status.ready());
            jrm.put("status", known == null ? "not known" : status == null ? "not registered" : status.describe());
            jrm.put("pod_ip", node.podIp());
            jrm.put("kubelet_port", node.kubeletPort());
            jrm.put("custom_metrics", node.customMetrics());
            jrms.add(jrm);
        }
        detail.put("queue", queue(workflow));
        detail.set("jrms", Json.MAPPER.valueToTree(jrms));
        detail.set("forwards", Json.MAPPER.valueToTree(forwards.of(workflow)));
        return detail;
    }

    /** What the batch system says of a job that waits, where this process holds the connection to ask it by. */
    private @Nullable String queue(Workflow workflow) {
        return parts.jrm().held().stream()
                .filter(deployment -> deployment.workflowId() == workflow.id())
                .flatMap(deployment -> deployment.tunnels().stream())
                .findFirst()
                .flatMap(tunnel -> queue.of(workflow, tunnel.route()))
                .orElse(null);
    }

    private Reply deploy(Call call) {
        int timeout = call.numberOr("timeout", 1, MAX_TIMEOUT_SECONDS, 120);
        SiteConfig site = SiteConfig.parse(call.text(), "site file");
        Deployment deployment = parts.jrm().deploy(site, requestId(call), Duration.ofSeconds(timeout));
        Workflow workflow = deployment.workflow();
        live.changed(workflow);
        return Reply.json(201, detail(workflow)).with(Map.of("Location", "/workflows/" + deployment.workflowId()));
    }

    /** What makes a request that is sent again the same request. */
    private static @Nullable String requestId(Call call) {
        String key = call.headers().get("Idempotency-Key");
        if (key != null && !key.matches("[!-~]{1,128}")) {
            throw new Problem(400, "Idempotency-Key must have 1 to 128 visible ASCII characters");
        }
        return key;
    }

    private Reply delete(Call call) {
        Workflow workflow = workflow(call);
        parts.jrm().delete(workflow.id());
        live.deleted(workflow);
        return Reply.empty();
    }
}
