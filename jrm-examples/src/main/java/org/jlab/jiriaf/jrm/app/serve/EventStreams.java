package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.workflow.Workflow;

/**
 * Server-sent events: of everything, or of one workflow. Who reads too slowly is cut off and can come back with
 * {@code Last-Event-ID}.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">HTML, server-sent events</a>
 */
final class EventStreams {

    private static final int MAX_STREAMS = 32;
    private static final int MAX_UNREAD_BYTES = 256 * 1024;
    private static final long HEARTBEAT_MILLIS = 15_000;

    private final EventHub hub;
    private final IntFunction<Optional<Workflow>> workflows;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * Makes streams.
     *
     * @param workflows looks a workflow up; may wait
     */
    EventStreams(EventHub hub, IntFunction<Optional<Workflow>> workflows) {
        this.hub = hub;
        this.workflows = workflows;
    }

    /** Everything that happens from now on, or since the event that the client names. */
    Handler<RoutingContext> all() {
        return context -> {
            takePlace(context);
            stream(context, lastKnown(context, hub.latest()), event -> true, false);
        };
    }

    /** What happened lately to one workflow, and what happens from now on until it is deleted. */
    Handler<RoutingContext> ofWorkflow() {
        return context -> {
            int id = Integer.parseInt(0 + digits(context.pathParam("id")));
            takePlace(context);
            context.vertx()
                    .executeBlocking(() -> workflows.apply(id), false)
                    .onFailure(failure -> context.fail(Problem.of(failure)))
                    .onSuccess(workflow -> {
                        if (workflow.isEmpty()) {
                            context.fail(WorkflowOperations.notFound(id));
                            return;
                        }
                        String name = workflow.get().name();
                        stream(
                                context,
                                lastKnown(context, 0),
                                event -> name.equals(event.deployment())
                                        || (event.workflow() != null && event.workflow() == id),
                                true);
                    });
        };
    }

    private static String digits(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new Problem(400, "id must be a whole number from 0 to 999999999, not '" + text + "'");
        }
        return text;
    }

    private static long lastKnown(RoutingContext context, long otherwise) {
        String last = context.request().getHeader("Last-Event-ID");
        return last != null && last.matches("[0-9]{1,18}") ? Long.parseLong(last) : otherwise;
    }

    private void takePlace(RoutingContext context) {
        if (open.incrementAndGet() > MAX_STREAMS) {
            open.decrementAndGet();
            throw new Problem(
                            503,
                            MAX_STREAMS + " clients listen to events already; close one of them, or try again later")
                    .withHeader("Retry-After", "10");
        }
        context.addEndHandler(ended -> open.decrementAndGet());
    }

    private void stream(RoutingContext context, long after, Predicate<EventHub.Event> filter, boolean untilDeleted) {
        HttpServerResponse response = context.response();
        response.setChunked(true).setWriteQueueMaxSize(MAX_UNREAD_BYTES);
        response.putHeader("Content-Type", "text/event-stream");
        response.write("retry: 2000\n\n");
        long heartbeat = context.vertx().setPeriodic(HEARTBEAT_MILLIS, tick -> send(response, ":\n\n"));
        Context eventLoop = context.vertx().getOrCreateContext();
        EventHub.Subscription subscription = hub.subscribe(
                after,
                filter,
                event -> eventLoop.runOnContext(ready -> {
                    send(
                            response,
                            "id: " + event.id() + "\nevent: " + event.type() + "\ndata: " + event.json() + "\n\n");
                    if (untilDeleted && event.type().equals("deleted") && !response.ended()) {
                        response.end();
                    }
                }));
        context.addEndHandler(ended -> {
            subscription.close();
            context.vertx().cancelTimer(heartbeat);
        });
    }

    private static void send(HttpServerResponse response, String text) {
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.writeQueueFull()) {
            response.reset();
            return;
        }
        response.write(text);
    }
}
