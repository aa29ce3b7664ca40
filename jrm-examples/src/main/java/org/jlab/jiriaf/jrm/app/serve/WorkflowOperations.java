package org.jlab.jiriaf.jrm.app.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.deploy.DeployRequest;
import org.jlab.jiriaf.jrm.deploy.Deployment;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.NodeStatus;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Deployments: listed, shown, made and deleted. */
final class WorkflowOperations {

    static final int MAX_ID = 999_999_999;

    private static final int MAX_TIMEOUT_SECONDS = 600;

    private final ServiceDependencies parts;
    private final LiveState live;
    private final Forwards forwards;
    private final QueueReasons queue;

    /**
     * A site file with what is to be put on the site.
     *
     * @param site the site file, as an object or as the text of its YAML
     * @param kubeconfig text of the kubeconfig that JRMs are to use, which names no files: those of the client are not here, and
     *     ours are not for clients to read
     */
    record Order(@Nullable JsonNode site, @Nullable String kubeconfig) {}

    WorkflowOperations(ServiceDependencies parts, LiveState live, Forwards forwards, QueueReasons queue) {
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
                404,
                "There is no workflow " + id
                        + " of JRMs in the LaunchPad; GET /workflows, or 'jrm get_wf', lists those that are");
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
        DeployRequest request = request(call).withTimeout(Duration.ofSeconds(timeout));
        String requestId = requestId(call);
        Deployment deployment = parts.jrm().deploy(requestId == null ? request : request.withRequestId(requestId));
        Workflow workflow = deployment.workflow();
        live.changed(workflow);
        return Reply.json(201, detail(workflow)).with(Map.of("Location", "/workflows/" + deployment.workflowId()));
    }

    private static DeployRequest request(Call call) {
        if (!isOrder(call)) {
            return DeployRequest.of(SiteConfig.parse(call.text(), "site file"));
        }
        Order order = call.json(Order.class);
        DeployRequest request = DeployRequest.of(ConnectionOperations.site(order.site()));
        return order.kubeconfig() == null ? request : request.withKubeconfig(Kubeconfig.parse(order.kubeconfig()));
    }

    /** A site file as JSON has no {@code site}. */
    private static boolean isOrder(Call call) {
        if (!Operation.JSON.contains(Call.mediaType(call.headers().get("Content-Type")))) {
            return false;
        }
        try {
            return Json.MAPPER.readTree(call.text()).has("site");
        } catch (JacksonException e) {
            // Read as YAML, which has more forms.
            return false;
        }
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
