package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.api.model.ListMeta;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the API server over the client's own HTTP client, so with its TLS, credentials and connections. The client's
 * fluent methods are not used for them because these hide response headers and retry without regard to {@code Retry-After} or
 * a deadline. Thread-safe.
 */
final class ApiServer {

    /** After that an attempt counts as lost; a dead connection shows only by silence. */
    static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(10);

    private static final int ATTEMPTS = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    /** Codes after which the same request can succeed. */
    private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

    private final KubernetesClient client;
    private final HttpClient http;
    private final String url;
    private final ApiFailures failures;

    /**
     * One request.
     *
     * @param what what it is for, as the start of a sentence
     * @param path path and query, from the first slash
     * @param contentType type of the body, or empty for none
     * @param passed codes that are an answer to the caller rather than a failure
     */
    record Call(String what, String method, String path, String contentType, String body, Set<Integer> passed) {

        static Call get(String what, String path, Integer... passed) {
            return new Call(what, "GET", path, "", "", Set.of(passed));
        }
    }

    /**
     * An answer.
     *
     * @param retryAfter how long the server asked us to stay away, or null
     */
    record Reply(int code, String body, @Nullable Duration retryAfter) {

        boolean isSuccess() {
            return code >= 200 && code < 300;
        }
    }

    ApiServer(KubernetesClient client) {
        this.client = client;
        http = client.getHttpClient()
                .newBuilder()
                .tag(singleAttempts())
                .addOrReplaceInterceptor(AnswerBounds.NAME, new AnswerBounds(false))
                .build();
        String master = client.getMasterUrl().toString();
        url = master.endsWith("/") ? master.substring(0, master.length() - 1) : master;
        failures = new ApiFailures(url);
    }

    static RequestConfig singleAttempts() {
        return new RequestConfigBuilder()
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout((int) ATTEMPT_TIMEOUT.toMillis())
                .withWatchReconnectInterval((int) FIRST_PAUSE.toMillis())
                .build();
    }

    ApiFailures failures() {
        return failures;
    }

    /**
     * Sends a request that is answered with an object.
     *
     * @throws NodeException if it is not
     */
    <T> T fetch(Call call, Class<T> type, Deadline deadline) {
        return read(call, send(call, deadline), type);
    }

    <T> T read(Call call, Reply reply, Class<T> type) {
        try {
            T object = client.getKubernetesSerialization().unmarshal(reply.body(), type);
            if (object != null) {
                return object;
            }
        } catch (RuntimeException e) {
            throw failures.noObject(call.what(), type, excerpt(reply), e);
        }
        throw failures.noObject(call.what(), type, "nothing", null);
    }

    /** The token of the next page, or empty after the last one. */
    String next(Call call, ListBounds bounds, @Nullable ListMeta page) {
        try {
            return bounds.next(page);
        } catch (NodeException e) {
            throw failures.notAsked(call.what(), e).orElse(e);
        }
    }

    /** The server's words in an answer that is not a success. */
    String message(Reply reply) {
        try {
            Status status = client.getKubernetesSerialization().unmarshal(reply.body(), Status.class);
            if (status != null && status.getMessage() != null) {
                return status.getMessage();
            }
        } catch (RuntimeException notAStatus) {
            // Overload is answered in plain text, a proxy answers in HTML.
        }
        return excerpt(reply);
    }

    private static String excerpt(Reply reply) {
        return reply.body().length() > 200 ? reply.body().substring(0, 200) + ".." : reply.body();
    }

    /**
     * Sends a request, again if that can help, until the deadline.
     *
     * @return a success, or an answer with one of the call's passed codes
     * @throws NodeException otherwise
     */
    Reply send(Call call, Deadline deadline) {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            NodeException failure;
            Duration wait = pause;
            try {
                Reply reply = attempt(call, deadline);
                if (reply.isSuccess() || call.passed().contains(reply.code())) {
                    return reply;
                }
                failure = failures.status(call.what(), reply.code(), message(reply), reply.retryAfter(), null);
                if (!PASSING.contains(reply.code())) {
                    throw failure;
                }
                if (reply.retryAfter() != null && reply.retryAfter().compareTo(pause) > 0) {
                    wait = reply.retryAfter();
                }
            } catch (ExecutionException | TimeoutException e) {
                Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
                failure = failures.notAsked(call.what(), cause)
                        .orElseGet(() -> failures.noAnswer(call.what(), cause, deadline.timeout()));
            } catch (InterruptedException e) {
                throw interrupted(call, e);
            }
            if (attempt == ATTEMPTS || !failure.isTransient() || wait.compareTo(deadline.left()) >= 0) {
                throw failure;
            }
            pause(call, wait);
            pause = pause.multipliedBy(2);
        }
    }

    private Reply attempt(Call call, Deadline deadline)
            throws ExecutionException, TimeoutException, InterruptedException {
        Duration left = deadline.left();
        Duration timeout = left.compareTo(ATTEMPT_TIMEOUT) < 0 ? left : ATTEMPT_TIMEOUT;
        HttpRequest.Builder request = http.newHttpRequestBuilder()
                .uri(url + call.path())
                .header("Accept", "application/json")
                .timeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
        if (call.contentType().isEmpty()) {
            request.method(call.method(), null, null);
        } else {
            request.method(call.method(), call.contentType(), call.body());
        }
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request.build(), byte[].class);
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            byte[] body = response.body();
            return new Reply(
                    response.code(),
                    body == null ? "" : new String(body, StandardCharsets.UTF_8),
                    retryAfter(response.header("Retry-After")));
        } finally {
            answer.cancel(true);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Seconds or a date, RFC 9110 section 10.2.3. */
    static @Nullable Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return null;
        }
        try {
            return Duration.ofSeconds(Long.parseLong(header.strip()));
        } catch (NumberFormatException notSeconds) {
            try {
                Instant date = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                return Duration.between(Instant.now(), date);
            } catch (DateTimeParseException notADate) {
                return null;
            }
        }
    }

    private static void pause(Call call, Duration wait) {
        try {
            TimeUnit.MILLISECONDS.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(call, e);
        }
    }

    private static NodeException interrupted(Call call, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new NodeException(call.what() + " was interrupted", e, true);
    }
}
