package org.jlab.jiriaf.jrm.k8s.fabric8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An API server that wants to exhaust the memory or the patience of its clients. */
final class HostileApiServer implements AutoCloseable {

    /** More than a client with the heap of these tests can hold. */
    private static final long ENDLESS = 4_000_000_000L;

    private static final String EMPTY_LIST =
            "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}";
    private static final String WATCH = "watch=true";

    /** What it does. */
    enum Attack {
        ENDLESS_BYTES {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                repeat(exchange, 200, "{\"items\":[\"", "x".repeat(65_536), ENDLESS);
            }
        },
        ENDLESS_ERROR {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                repeat(exchange, 403, "{\"message\":\"", "x".repeat(65_536), ENDLESS);
            }
        },
        MANY_OBJECTS {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                repeat(exchange, 200, "{\"metadata\":{},\"items\":[{}", ",{}".repeat(10_000), 30_000_000);
            }
        },
        MANY_LISTS {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                repeat(exchange, 200, "{\"metadata\":{},\"more\":[[]", ",[]".repeat(10_000), 30_000_000);
            }
        },
        ENDLESS_PAGES {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                int page = server.requests.get();
                send(
                        exchange,
                        200,
                        String.format(
                                Locale.ROOT,
                                "{\"metadata\":{\"resourceVersion\":\"1\",\"continue\":\"p%d\"},\"items\":[{\"metadata\":"
                                        + "{\"name\":\"n%d\",\"namespace\":\"ns\",\"uid\":\"u%d\",\"ownerReferences\":[]}}]}",
                                page,
                                page,
                                page));
            }
        },
        ENDLESS_EVENT {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                if (String.valueOf(exchange.getRequestURI().getQuery()).contains(WATCH)) {
                    repeat(exchange, 200, "{\"type\":\"", "x".repeat(65_536), ENDLESS);
                } else {
                    send(exchange, 200, EMPTY_LIST);
                }
            }
        },
        ENDLESS_NODES {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                if (String.valueOf(exchange.getRequestURI().getQuery()).contains(WATCH)) {
                    exchange.sendResponseHeaders(200, 0);
                    try (OutputStream out = exchange.getResponseBody()) {
                        for (int i = 0; ; i++) {
                            out.write(
                                    ("{\"type\":\"ADDED\",\"object\":{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":"
                                                    + "{\"resourceVersion\":\"2\",\"name\":\"n" + i + "\"}}}\n")
                                            .getBytes(StandardCharsets.UTF_8));
                            server.sent.incrementAndGet();
                        }
                    }
                } else {
                    send(exchange, 200, EMPTY_LIST);
                }
            }
        },
        FORGED_LINES {
            @Override
            void answer(HttpExchange exchange, HostileApiServer server) throws IOException {
                send(
                        exchange,
                        403,
                        "{\"kind\":\"Status\",\"message\":\"no\\n12:00 INFO all is well\\u001b[2J\\u202e\\u2028\\u0085"
                                + "m" + "x".repeat(100_000) + "\"}");
            }
        };

        abstract void answer(HttpExchange exchange, HostileApiServer server) throws IOException;
    }

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final HttpServer server;

    HostileApiServer(Attack attack) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.incrementAndGet();
                attack.answer(exchange, this);
            }
        });
        server.setExecutor(executor);
        server.start();
    }

    private static void send(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void repeat(HttpExchange exchange, int code, String start, String text, long length)
            throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(start.getBytes(StandardCharsets.UTF_8));
            for (long written = 0; written < length; written += bytes.length) {
                out.write(bytes);
            }
            out.write("]}".getBytes(StandardCharsets.UTF_8));
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
