package org.jlab.jiriaf.jrm.app.serve;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jspecify.annotations.Nullable;

/** What happens, told to everybody who listens, and the last of it kept for who comes late. Thread-safe. */
public final class EventHub {

    /** Enough for the steps of a hundred deployments. */
    private static final int KEPT = 2000;

    private final Deque<Event> kept = new ArrayDeque<>();
    private final Set<Consumer<DeploymentEvent>> deploymentListeners = ConcurrentHashMap.newKeySet();
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private long last;

    /**
     * Something that happened.
     *
     * @param id grows by one with each event
     * @param type {@code step}, {@code workflow}, {@code deleted}, {@code node}, {@code tunnel} or {@code launchpad}
     * @param workflow id of the workflow, or null if it is not about one, or its id is not known yet
     * @param deployment name of the deployment, or null if it is not about one
     * @param data the rest
     */
    record Event(
            long id,
            String type,
            @Nullable Integer workflow,
            @Nullable String deployment,
            Object data) {

        /** The rest as JSON, written when somebody reads it: tunnels that are taken up again need not wait for that. */
        String json() {
            return Json.MAPPER.writeValueAsString(data);
        }
    }

    /** One who listens. */
    final class Subscription implements AutoCloseable {

        private final Predicate<Event> filter;
        private final Consumer<Event> listener;

        private Subscription(Predicate<Event> filter, Consumer<Event> listener) {
            this.filter = filter;
            this.listener = listener;
        }

        private void tell(Event event) {
            if (filter.test(event)) {
                listener.accept(event);
            }
        }

        @Override
        public void close() {
            subscriptions.remove(this);
        }
    }

    /**
     * Listens from a certain event on.
     *
     * @param after the last event that is known already; what is kept of those after it is told at once
     * @param filter which events
     * @param listener told one at a time; must not wait
     */
    synchronized Subscription subscribe(long after, Predicate<Event> filter, Consumer<Event> listener) {
        Subscription subscription = new Subscription(filter, listener);
        kept.stream().filter(event -> event.id() > after).forEach(subscription::tell);
        subscriptions.add(subscription);
        return subscription;
    }

    /** The number of the latest event. */
    synchronized long latest() {
        return last;
    }

    synchronized void publish(String type, @Nullable Integer workflow, @Nullable String deployment, Object data) {
        Event event = new Event(++last, type, workflow, deployment, data);
        kept.addLast(event);
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
        subscriptions.forEach(subscription -> subscription.tell(event));
    }

    /**
     * Takes what a deployer tells.
     *
     * @param event the event
     */
    public void onDeployment(DeploymentEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("at", event.at());
        data.put("deployment", event.deployment());
        data.put("step", Problem.stepName(event.step()));
        data.put("kind", event.kind().name().toLowerCase(Locale.ROOT));
        data.put("message", event.message());
        publish("step", null, event.deployment(), data);
        deploymentListeners.forEach(listener -> listener.accept(event));
    }

    /** Tells somebody of this process of deployments, as the deployer tells it. */
    void addListener(Consumer<DeploymentEvent> listener) {
        deploymentListeners.add(listener);
    }

    /**
     * Takes what a tunnel manager tells.
     *
     * @param event the event
     */
    public void onTunnel(TunnelEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("at", event.at());
        data.put("login", event.route().login().toString());
        if (event.forward() != null) {
            data.put("forward", event.forward().toString());
        }
        data.put("kind", event.kind().name().toLowerCase(Locale.ROOT));
        data.put("message", event.message());
        publish("tunnel", null, null, data);
    }
}
