package org.jlab.jiriaf.jrm.app.serve;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.report.PortTable;
import org.jlab.jiriaf.jrm.report.ScrapeTargets;
import org.jlab.jiriaf.jrm.report.ThisHost;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;

/**
 * The library as a service over HTTP: deploys, holds tunnels and takes up those of a process that ended, frees what is over, and
 * tells about it. What it can be asked is described in {@code openapi.json}. Thread-safe.
 *
 * <p>Any address but a loopback one needs a token. Closing ends requests that are under way and stops listening; tunnels go on
 * until the deployer is closed, and a successor takes them up.
 */
public final class JrmService implements AutoCloseable {

    /** How often a deployer behind a service should clean up: 20 s. */
    public static final Duration RECONCILE_INTERVAL = Duration.ofSeconds(20);

    private static final List<String> TARGET_FORMATS = List.of("http_sd", "port_table");

    private final ServiceDependencies parts;
    private final AccessFilter gate;
    private final LiveState live;
    private final ManualForwards handHeld;
    private final QueueReasons queue;
    private final HttpEndpoint front;
    private final List<Operation> operations;
    private final String url;

    /**
     * Where the service listens, and for whom.
     *
     * @param address where
     * @param hostNames names of this host by which clients may call it, beside {@code localhost} and every address
     * @param token what clients have to show, or null
     */
    public record Access(
            ServiceAddress address,
            Set<String> hostNames,
            @Nullable Secret token) {

        /** Checks. */
        public Access {
            hostNames = hostNames.stream()
                    .map(name -> name.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toUnmodifiableSet());
            if (token == null && !address.address().isLoopbackAddress()) {
                throw new IllegalArgumentException(
                        "Listening on " + address.address().getHostAddress()
                                + ", which others can reach, needs a token that clients have to show");
            }
        }
    }

    private JrmService(ServiceDependencies parts, Access access) {
        this.parts = parts;
        this.gate = new AccessFilter(access.hostNames(), access.token());
        ProcessIdentity self = ProcessIdentity.current(ThisHost.name());
        this.handHeld = new ManualForwards(
                parts, self.host(), PortLease.NO_DEPLOYMENT + "by hand in " + self.pid() + " on " + self.host());
        try {
            this.live = new LiveState(parts.events(), parts.store(), parts.nodes(), this::remark);
        } catch (RuntimeException e) {
            handHeld.close();
            throw e;
        }
        this.queue = new QueueReasons(parts.tunnels());
        Forwards forwards = new Forwards(parts, handHeld, self, this::remark);
        EventStreams streams = new EventStreams(parts.events(), parts.store()::find);
        this.operations = operations(forwards, self);
        try {
            this.front = new HttpEndpoint(
                    access.address().toSocketAddress(),
                    gate,
                    operations,
                    Map.of("/events", streams.all(), "/workflows/{id}/events", streams.ofWorkflow()));
        } catch (RuntimeException e) {
            live.close();
            handHeld.close();
            throw e;
        }
        this.url = access.address().url(front.port());
    }

    /**
     * Starts a service.
     *
     * @param parts what it is a layer over
     * @param access where it listens, and for whom
     * @return the service, to be closed by the caller
     * @throws org.jlab.jiriaf.jrm.JrmException if it cannot listen there
     */
    public static JrmService start(ServiceDependencies parts, Access access) {
        return new JrmService(parts, access);
    }

    private List<Operation> operations(Forwards forwards, ProcessIdentity self) {
        List<Operation> operations = new ArrayList<>();
        WorkflowOperations workflows = new WorkflowOperations(parts, live, forwards, queue);
        operations.addAll(workflows.operations());
        operations.addAll(new PortOperations(parts, forwards, self.host()).operations());
        operations.addAll(new ConnectionOperations(parts, forwards, handHeld, self).operations());
        operations.add(Operation.get("/targets", this::targets));
        operations.add(Operation.get("/metrics", metrics()));
        operations.add(Operation.open("/healthz", this::health));
        operations.addAll(new MapOperations(parts, live, forwards, workflows).operations());
        operations.addAll(Pages.operations());
        return operations;
    }

    List<Operation> operations() {
        return operations;
    }

    private Optional<String> remark(String deployment, @Nullable Integer workflowId) {
        return parts.jrm()
                .resumeFailure(deployment)
                .map(failure -> "tunnels are down: " + failure.getMessage()
                        + (workflowId != null && isRefusedLogin(failure)
                                ? " ('jrm connect workflow SITE.yaml " + workflowId + "')"
                                : ""));
    }

    private static boolean isRefusedLogin(JrmException failure) {
        return failure instanceof TunnelException tunnel
                && tunnel.reason() == TunnelException.Reason.AUTHENTICATION_REFUSED;
    }

    private Operation.Action metrics() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        JrmMetrics metrics =
                new JrmMetrics(registry, parts.tunnels(), parts.store().portLeases());
        parts.events().addListener(metrics::onDeployment);
        return call -> {
            metrics.update();
            return Reply.text("text/plain; version=0.0.4; charset=utf-8", registry.scrape());
        };
    }

    /** What Prometheus reads, or what scripts of the older launcher do. */
    private Reply targets(Call call) {
        if (call.choice("format", TARGET_FORMATS).equals("port_table")) {
            return Reply.json(PortTable.ofAllThatLive(parts.store()));
        }
        // Where a node's ports are bound to one address, that is where Prometheus finds them.
        String bound = parts.settings().bindAddress();
        return Reply.json(ScrapeTargets.running(parts.store(), bound.equals("*") ? null : bound)
                .toHttpSd());
    }

    /** Says that the service lives; whether its LaunchPad does is no reason to restart it. */
    private Reply health(Call call) {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("service", "jrm");
        health.put("status", live.isLaunchpadReachable() ? "ok" : "launchpad unreachable");
        if (gate.isAuthorised(call.headers())) {
            health.put("launchpad", parts.launchpad());
        }
        return Reply.json(health);
    }

    /**
     * Where it can be reached.
     *
     * @return the URL
     */
    public String url() {
        return url;
    }

    @Override
    public void close() {
        front.close();
        queue.close();
        live.close();
        handHeld.close();
    }
}
