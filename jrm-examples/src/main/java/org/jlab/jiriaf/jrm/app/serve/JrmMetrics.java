package org.jlab.jiriaf.jrm.app.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.port.PortLeaseStore;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.tunnel.TunnelState;
import org.jlab.jiriaf.jrm.tunnel.TunnelStats;

/**
 * jrm's own metrics, for any Micrometer registry. Thread-safe.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>tags</th><th>what</th></tr>
 * <tr><td>jrm.tunnels</td><td>state</td><td>forwards held here</td></tr>
 * <tr><td>jrm.tunnel.reconnects</td><td></td><td>how often a forward came up again after it had been down</td></tr>
 * <tr><td>jrm.tunnel.bytes</td><td>direction</td><td>bytes carried, to and from the targets of forwards</td></tr>
 * <tr><td>jrm.tunnel.connections</td><td></td><td>connections carried by forwards</td></tr>
 * <tr><td>jrm.ssh.connected</td><td>login</td><td>1 if the SSH connection is there, otherwise 0</td></tr>
 * <tr><td>jrm.ssh.certificate.left</td><td>login</td><td>seconds until the user certificate expires</td></tr>
 * <tr><td>jrm.port.leases</td><td></td><td>ports leased in the store, by whomever; NaN while it cannot be asked</td></tr>
 * <tr><td>jrm.deployment.step</td><td>step, outcome</td><td>how long the steps of deployments took</td></tr>
 * </table>
 */
public final class JrmMetrics {

    private static final TunnelStats NOTHING = new TunnelStats(0, 0, 0, 0, 0);

    private final MeterRegistry registry;
    private final TunnelManager tunnels;
    private final Map<String, Instant> begun = new ConcurrentHashMap<>();
    private final Map<Key, TunnelStats> counted = new HashMap<>(); // guarded by this
    private final Counter reconnects;
    private final Counter connections;
    private final Counter bytesToTarget;
    private final Counter bytesFromTarget;
    private final MultiGauge connected;
    private final MultiGauge certificateLeft;

    private record Key(SshRoute route, Forward forward) {}

    /**
     * Registers the meters.
     *
     * @param registry where to
     * @param tunnels whose tunnels
     * @param leases where ports are leased
     */
    public JrmMetrics(MeterRegistry registry, TunnelManager tunnels, PortLeaseStore leases) {
        this.registry = registry;
        this.tunnels = tunnels;
        for (TunnelState.Status state : TunnelState.Status.values()) {
            Gauge.builder("jrm.tunnels", tunnels, manager -> count(manager, state))
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .description("Forwards held here")
                    .register(registry);
        }
        Gauge.builder("jrm.port.leases", leases, JrmMetrics::count)
                .description("Ports leased in the store")
                .register(registry);
        reconnects = Counter.builder("jrm.tunnel.reconnects")
                .description("Forwards that came up again")
                .register(registry);
        connections = Counter.builder("jrm.tunnel.connections")
                .description("Connections carried by forwards")
                .register(registry);
        bytesToTarget = bytes("to_target", registry);
        bytesFromTarget = bytes("from_target", registry);
        connected = MultiGauge.builder("jrm.ssh.connected")
                .description("SSH connections that are there")
                .register(registry);
        certificateLeft = MultiGauge.builder("jrm.ssh.certificate.left")
                .description("Time until the user certificate expires")
                .baseUnit("seconds")
                .register(registry);
    }

    private static Counter bytes(String direction, MeterRegistry registry) {
        return Counter.builder("jrm.tunnel.bytes")
                .tag("direction", direction)
                .baseUnit("bytes")
                .description("Bytes carried by forwards")
                .register(registry);
    }

    private static double count(TunnelManager manager, TunnelState.Status state) {
        return manager.tunnels().stream()
                .filter(tunnel -> tunnel.state().status() == state)
                .count();
    }

    private static double count(PortLeaseStore store) {
        try {
            return store.list().size();
        } catch (JrmException e) {
            // A scrape has to answer; the store's absence shows as a gap.
            return Double.NaN;
        }
    }

    /** Takes in what has gone through the tunnels since the last time. To be called before the registry is read. */
    public synchronized void update() {
        Map<Key, TunnelStats> now = new HashMap<>();
        for (Tunnel tunnel : tunnels.tunnels()) {
            Key key = new Key(tunnel.route(), tunnel.forward());
            TunnelStats stats = tunnel.stats();
            now.put(key, stats);
            TunnelStats before = counted.getOrDefault(key, NOTHING);
            // A forward that went and came again begins at nothing; what it carried before stays counted.
            add(before.connections() > stats.connections() ? NOTHING : before, stats);
        }
        counted.clear();
        counted.putAll(now);
        updateConnections();
    }

    private void add(TunnelStats before, TunnelStats now) {
        increment(reconnects, now.reconnects() - (long) before.reconnects());
        increment(connections, now.connections() - before.connections());
        increment(bytesToTarget, now.bytesToTarget() - before.bytesToTarget());
        increment(bytesFromTarget, now.bytesFromTarget() - before.bytesFromTarget());
    }

    private static void increment(Counter counter, long more) {
        if (more > 0) {
            counter.increment((double) more);
        }
    }

    private void updateConnections() {
        Instant now = Instant.now();
        List<MultiGauge.Row<?>> connectedRows = new ArrayList<>();
        List<MultiGauge.Row<?>> leftRows = new ArrayList<>();
        tunnels.connections().forEach((route, state) -> {
            connectedRows.add(row(route, state.isConnected() ? 1 : 0));
            Instant until = state.certificateValidUntil();
            if (until != null) {
                leftRows.add(row(route, Duration.between(now, until).toSeconds()));
            }
        });
        connected.register(connectedRows, true);
        certificateLeft.register(leftRows, true);
    }

    private static MultiGauge.Row<Number> row(SshRoute route, Number value) {
        return MultiGauge.Row.of(Tags.of("login", route.describe()), value);
    }

    /**
     * Takes what a deployer tells.
     *
     * @param event the event
     */
    public void onDeployment(DeploymentEvent event) {
        String key = event.deployment() + " " + event.step();
        switch (event.kind()) {
            case STARTED -> begun.put(key, event.at());
            case DONE, FAILED -> {
                Instant start = begun.remove(key);
                if (start != null) {
                    record(event.step(), event.kind(), Duration.between(start, event.at()));
                }
            }
            case PROGRESS, SKIPPED, UNDONE -> {
                // Nothing that takes time.
            }
        }
    }

    private void record(DeploymentStep step, DeploymentEvent.Kind outcome, Duration took) {
        Timer.builder("jrm.deployment.step")
                .description("How long the steps of deployments took")
                .tags("step", Problem.stepName(step), "outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .record(took);
    }
}
