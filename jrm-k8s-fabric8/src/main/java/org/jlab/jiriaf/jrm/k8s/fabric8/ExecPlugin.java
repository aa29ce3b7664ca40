package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.jlab.jiriaf.jrm.site.KubeconfigUser;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.ClientCertificate;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.Exec;
import org.jspecify.annotations.Nullable;

/**
 * Runs the program of a kubeconfig that gives credentials, with the protocol of client-go. It gets no terminal.
 *
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins">client-go
 *     credential plugins</a>
 */
final class ExecPlugin {

    static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_OUTPUT = 1_000_000;
    private static final int MAX_WORDS = 500;

    private final Exec exec;
    private final String place;
    private final KubeconfigContext.Cluster cluster;
    private final KubernetesSerialization json = new KubernetesSerialization();
    private final Duration timeout;

    /**
     * The credentials that the program gave.
     *
     * @param token bearer token, or null
     * @param certificate client certificate, or null
     * @param expires until when it may be used, or null
     */
    record Credential(
            @Nullable Secret token,
            @Nullable ClientCertificate certificate,
            @Nullable Instant expires) {

        boolean isExpired() {
            return expires != null && !Instant.now().isBefore(expires);
        }
    }

    private record Output(int code, String out, String err) {}

    ExecPlugin(Exec exec, String place, KubeconfigContext.Cluster cluster, Duration timeout) {
        this.exec = exec;
        this.place = place;
        this.cluster = cluster;
        this.timeout = timeout;
    }

    /**
     * Runs it.
     *
     * @throws NodeException if it is missing or fails, or says no credential; the message names it, its exit code and its words
     */
    Credential run() {
        if (exec.needsTerminal()) {
            throw failure("needs a terminal (interactiveMode Always), which jrm does not give it", "", null);
        }
        Output output = output();
        if (output.code() != 0) {
            throw failure("failed with exit code " + output.code(), output.err(), null);
        }
        return credential(output);
    }

    private Output output() {
        Process process = start();
        try {
            // Both at once, as a full pipe would stop the program.
            CompletableFuture<byte[]> out =
                    CompletableFuture.supplyAsync(() -> bytes(process.getInputStream()), ExecPlugin::inThread);
            CompletableFuture<byte[]> err =
                    CompletableFuture.supplyAsync(() -> bytes(process.getErrorStream()), ExecPlugin::inThread);
            long deadline = System.nanoTime() + timeout.toNanos();
            byte[] said = out.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            byte[] complained = err.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            return new Output(
                    process.exitValue(),
                    new String(said, StandardCharsets.UTF_8),
                    new String(complained, StandardCharsets.UTF_8));
        } catch (TimeoutException e) {
            throw failure("did not end within " + timeout.toSeconds() + " s", "", e);
        } catch (ExecutionException e) {
            throw failure("could not be read", "", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("was interrupted", "", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Not in the common pool, which has few threads: a program waits for both of its pipes to be read. */
    static void inThread(Runnable task) {
        Thread thread = new Thread(task, "jrm-exec-plugin");
        thread.setDaemon(true);
        thread.start();
    }

    private Process start() {
        List<String> command = new ArrayList<>(List.of(exec.command()));
        command.addAll(exec.args());
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
        try {
            exec.env().forEach((name, value) -> builder.environment().put(name, value.reveal()));
            builder.environment().put("KUBERNETES_EXEC_INFO", json.asJson(info()));
            return builder.start();
        } catch (IOException e) {
            String hint = exec.installHint() == null ? "" : ". " + TextRules.lastWords(exec.installHint(), MAX_WORDS);
            boolean denied = String.valueOf(e.getMessage()).contains("error=13");
            throw failure((denied ? "may not be run" : "was not found") + hint, "", e);
        } catch (IllegalArgumentException e) {
            throw failure("cannot be run: command, args or env hold a character that no program can be given", "", e);
        }
    }

    private Map<String, Object> info() {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("interactive", false);
        if (exec.provideClusterInfo()) {
            spec.put("cluster", clusterInfo());
        }
        return Map.of("apiVersion", exec.apiVersion(), "kind", "ExecCredential", "spec", spec);
    }

    private Map<String, Object> clusterInfo() {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("server", cluster.server());
        put(info, "tls-server-name", cluster.tlsServerName());
        put(info, "insecure-skip-tls-verify", cluster.insecure() ? true : null);
        String authority = cluster.authority();
        put(info, "certificate-authority-data", authority == null ? null : base64(authority));
        put(info, "proxy-url", cluster.proxyUrl());
        put(info, "config", cluster.execConfig());
        return info;
    }

    private static void put(Map<String, Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    static String base64(String pem) {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Credential credential(Output output) {
        Map<?, ?> answer = answer(output);
        if (!exec.apiVersion().equals(answer.get("apiVersion")) || !"ExecCredential".equals(answer.get("kind"))) {
            throw failure("did not answer with an ExecCredential of " + exec.apiVersion(), output.err(), null);
        }
        Map<?, ?> status = answer.get("status") instanceof Map<?, ?> map ? map : Map.of();
        String token = text(status, "token");
        String certificate = text(status, "clientCertificateData");
        String key = text(status, "clientKeyData");
        if (token == null && certificate == null && key == null) {
            throw failure("answered without a token or a client certificate in status", output.err(), null);
        }
        if ((certificate == null) != (key == null)) {
            throw failure("answered with only one of clientCertificateData and clientKeyData", output.err(), null);
        }
        if (token != null && !KubeconfigUser.isHeader(token)) {
            throw failure(
                    "answered with a token that holds a line break or another character that no token has", "", null);
        }
        return new Credential(
                token == null ? null : Secret.of(token),
                certificate == null || key == null ? null : new ClientCertificate(certificate, Secret.of(key)),
                expires(status));
    }

    private Map<?, ?> answer(Output output) {
        try {
            Map<?, ?> answer = json.unmarshal(output.out(), Map.class);
            return answer == null ? Map.of() : answer;
        } catch (RuntimeException e) {
            // Without the cause, whose message can quote the token.
            throw failure("did not answer with JSON", output.err(), null);
        }
    }

    private static @Nullable String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text && !text.isEmpty() ? text : null;
    }

    private @Nullable Instant expires(Map<?, ?> status) {
        String text = text(status, "expirationTimestamp");
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw failure("answered with an expirationTimestamp that is no time", "", null);
        }
    }

    private NodeException failure(String what, String words, @Nullable Throwable cause) {
        return new NodeException(
                place + ": the exec plugin '" + exec.command() + "' " + what
                        + (words.isBlank() ? "" : ": " + TextRules.lastWords(words, MAX_WORDS))
                        + ". It gives the credentials for " + cluster.server(),
                cause,
                false);
    }

    /** At most what an answer can need; the rest is read and dropped, so that the program can end. */
    private static byte[] bytes(InputStream stream) {
        try (stream) {
            byte[] bytes = stream.readNBytes(MAX_OUTPUT);
            stream.transferTo(OutputStream.nullOutputStream());
            return bytes;
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
