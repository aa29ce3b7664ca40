package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.JrmException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP: takes requests, has them done by threads that may wait, and answers. Requests are bounded in size, in number and in the
 * time that they may take to arrive.
 */
final class HttpEndpoint implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

    /** A site file has some hundred bytes. */
    private static final int MAX_BODY = 256 * 1024;

    private static final int MAX_CONNECTIONS = 256;
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final long ARRIVAL_MILLIS = 10_000;

    /** Longer than the longest deployment, during which nothing is sent. */
    private static final int IDLE_SECONDS = 660;

    private static final int CLOSE_SECONDS = 10;

    /** Under which name a request keeps the timer that ends it. */
    private static final String TIMER = "jrm-arrival";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-store");

    private final Vertx vertx;
    private final HttpServer server;
    private final AccessFilter gate;
    private final WorkQueue quick = new WorkQueue("request", 8, 64);
    private final WorkQueue slow = new WorkQueue("work", 8, 16);
    private final List<Operation> operations;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * Listens.
     *
     * @param streams answers that go on and on, by path
     * @throws JrmException if the address cannot be listened on
     */
    HttpEndpoint(
            InetSocketAddress address,
            AccessFilter gate,
            List<Operation> operations,
            Map<String, Handler<RoutingContext>> streams) {
        this.gate = gate;
        this.operations = operations;
        // No event loop for each core: there is little to do, and none of it waits there.
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(2)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS));
        try {
            server.connectionHandler(this::connected);
            await(server.requestHandler(router(streams))
                    .listen(address.getPort(), address.getAddress().getHostAddress()));
        } catch (RuntimeException | ExecutionException | TimeoutException e) {
            close();
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new JrmException(
                    "Cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + cause.getMessage()
                            + ". If another jrm serves there, use that one, or choose another address with --listen",
                    cause,
                    false);
        }
    }

    private static <T> T await(io.vertx.core.Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JrmException("Interrupted while the service starts or ends", e, true);
        }
    }

    int port() {
        return server.actualPort();
    }

    private void connected(HttpConnection connection) {
        if (connections.incrementAndGet() > MAX_CONNECTIONS) {
            connection.close();
        }
        connection.closeHandler(closed -> connections.decrementAndGet());
    }

    private Router router(Map<String, Handler<RoutingContext>> streams) {
        Router router = Router.router(vertx);
        router.route().handler(this::admit);
        streams.forEach((path, stream) -> router.get(path.replace('{', ':').replace("}", ""))
                .handler(context -> {
                    gate.checkToken(context.request().headers());
                    stream.handle(context);
                }));
        for (Operation operation : operations) {
            route(router, operation);
        }
        for (int status : List.of(400, 404, 413, 414, 415, 431, 500)) {
            router.errorHandler(status, context -> answerFailure(context, status));
        }
        router.errorHandler(405, context -> answerFailure(context, 405));
        return router;
    }

    /** Three routes, since the router wants its own handler, which reads the body, before those of a route. */
    private void route(Router router, Operation operation) {
        at(router, operation).handler(context -> check(operation, context));
        at(router, operation).handler(BodyHandler.create(false).setBodyLimit(MAX_BODY));
        at(router, operation).handler(context -> perform(operation, context));
    }

    private static Route at(Router router, Operation operation) {
        Route route = router.route(operation.method(), operation.routerPath());
        return operation.method().equals(HttpMethod.GET) ? route.method(HttpMethod.HEAD) : route;
    }

    /** Refuses what need not be read, and lets the rest arrive within a time. */
    private void check(Operation operation, RoutingContext context) {
        if (operation.needsToken()) {
            gate.checkToken(context.request().headers());
        }
        String mediaType = Call.mediaType(context.request().getHeader("Content-Type"));
        if (!operation.mediaTypes().isEmpty() && !operation.mediaTypes().contains(mediaType)) {
            throw new Problem(
                    415,
                    "The body must be " + String.join(" or ", new TreeSet<>(operation.mediaTypes())) + ", not '"
                            + mediaType + "'");
        }
        long timer = vertx.setTimer(
                ARRIVAL_MILLIS, late -> context.request().connection().close());
        context.put(TIMER, timer);
        context.next();
    }

    /** The headers of every answer, and the checks of every request. */
    private void admit(RoutingContext context) {
        HEADERS.forEach(context.response()::putHeader);
        gate.checkSource(context.request());
        context.next();
    }

    private void perform(Operation operation, RoutingContext context) {
        vertx.cancelTimer(context.<Long>get(TIMER));
        Buffer body = context.body().buffer();
        Call call = new Call(
                Map.copyOf(context.pathParams()),
                context.queryParams(),
                context.request().headers(),
                body == null ? Buffer.buffer() : body);
        (operation.slow() ? slow : quick).submit(() -> {
            Reply reply = reply(operation, call);
            context.vertx().runOnContext(ready -> answer(context, reply));
        });
    }

    private static Reply reply(Operation operation, Call call) {
        try {
            return operation.action().apply(call);
        } catch (Exception e) {
            Problem problem = Problem.of(e);
            if (problem.status() == 500) {
                LOG.warn("{} {} failed", operation.method(), operation.path(), e);
            } else {
                LOG.debug("{} {}", operation.method(), operation.path(), e);
            }
            return Reply.problem(problem);
        } catch (Error e) {
            // Whoever has asked shall not wait for an answer that never comes.
            LOG.warn("{} {} failed", operation.method(), operation.path(), e);
            return Reply.problem(Problem.of(new IllegalStateException(e)));
        }
    }

    private static void answer(RoutingContext context, Reply reply) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(reply.status());
        if (!reply.mediaType().isEmpty()) {
            response.putHeader("Content-Type", reply.mediaType());
        }
        reply.headers().forEach(response::putHeader);
        if (context.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader("Content-Length", Integer.toString(reply.body().length()));
            response.end();
        } else {
            response.end(reply.body());
        }
    }

    /** Answers a request that no operation is found for, or that is refused before it is one. */
    private void answerFailure(RoutingContext context, int status) {
        Throwable failure = context.failure();
        if (failure instanceof Problem problem) {
            answer(context, Reply.problem(problem));
        } else if (status == 405) {
            String allowed = String.join(", ", methods(context.normalizedPath()));
            answer(
                    context,
                    Reply.problem(
                            new Problem(405, "Here only " + allowed + " can be asked").withHeader("Allow", allowed)));
        } else if (status == 500) {
            LOG.warn(
                    "{} {} failed",
                    context.request().method(),
                    context.request().path(),
                    failure);
            answer(context, Reply.problem(Problem.of(new IllegalStateException(failure))));
        } else {
            answer(context, Reply.problem(new Problem(status, detail(status))));
        }
    }

    private static String detail(int status) {
        return switch (status) {
            case 404 -> "There is nothing of this name; GET /openapi.json lists what there is";
            case 413 -> "A body may have " + MAX_BODY + " bytes";
            case 414 -> "The first line of a request may have " + MAX_LINE + " bytes";
            case 431 -> "The headers of a request may have " + MAX_HEADERS + " bytes";
            default -> "The request cannot be understood";
        };
    }

    private Collection<String> methods(String path) {
        TreeSet<String> methods = new TreeSet<>();
        for (Operation operation : operations) {
            if (Pattern.matches(operation.path().replaceAll("\\{[^}]*}", "[^/]+"), path)) {
                methods.add(operation.method().name());
                if (operation.method().equals(HttpMethod.GET)) {
                    methods.add("HEAD");
                }
            }
        }
        return methods.isEmpty() ? List.of("GET") : methods;
    }

    /** Stops listening, ends what is under way and waits for it. */
    @Override
    public void close() {
        slow.close();
        quick.close();
        try {
            await(vertx.close());
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The server did not end in time", e);
        }
    }
}
