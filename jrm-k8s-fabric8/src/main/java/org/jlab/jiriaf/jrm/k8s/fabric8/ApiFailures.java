package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/** Turns what an API server, or the lack of one, says into what an operator has to know. */
final class ApiFailures {

    /**
     * Besides 5xx; all others need a human. The codes are those of the Kubernetes API conventions, "HTTP Status codes":
     * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
     */
    private static final Set<Integer> PASSING = Set.of(409, 410, 429);

    private static final int MAX_WORDS = 500;

    private final String server;

    ApiFailures(String server) {
        this.server = server;
    }

    /**
     * An answer that is not the hoped for one.
     *
     * @param retryAfter how long the server asked us to stay away, or null
     */
    NodeException status(
            String what, int code, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        String words = message.isBlank() ? "" : " (" + shown(message) + ")";
        String wait = retryAfter == null ? "" : ". It asks to wait " + retryAfter.toSeconds() + " s";
        boolean passing = PASSING.contains(code) || code >= 500;
        return new NodeException(
                what + " at " + server + " failed: HTTP " + code + words + wait + ". " + remedy(code), cause, passing);
    }

    /** Words of the server: a line break in them begins no line of ours. */
    static String shown(String words) {
        return TextRules.toOneLine(words, MAX_WORDS);
    }

    private static String remedy(int code) {
        return switch (code) {
            case 401 ->
                "It does not know us: the kubeconfig's token or client certificate is wrong or has expired; renew it";
            case 403 ->
                "Our user may not do that: it needs a ClusterRole with get, list, watch, patch and delete on nodes and, to"
                        + " drain, list on pods and create on pods/eviction";
            case 404 -> "There is no Kubernetes API at that address: check `server` in the kubeconfig";
            case 409 -> "Somebody changed it at the same time; try again";
            case 410 -> "What we had seen is too old by now; try again";
            case 429 -> "It is too busy for us; try again later";
            default ->
                code >= 500
                        ? "The API server is in trouble; look at its log and try again"
                        : "That is no answer jrm knows: is a proxy in between?";
        };
    }

    /** A fault of ours before anything was asked, such as a program that gives no credentials. */
    Optional<NodeException> notAsked(String what, Throwable failure) {
        NodeException ours = find(failure, NodeException.class);
        return ours == null
                ? Optional.empty()
                : Optional.of(new NodeException(
                        what + " at " + server + " failed: " + ours.getMessage(), failure, ours.isTransient()));
    }

    /** No answer at all. */
    NodeException noAnswer(String what, Throwable failure, Duration timeout) {
        String said = what + " at " + server + " failed: ";
        String words = shown(String.valueOf(rootCause(failure).getMessage()));
        if (find(failure, CertificateException.class) != null
                || find(failure, CertPathBuilderException.class) != null) {
            return new NodeException(
                    said + "its certificate is not to be trusted (" + words + "). Check `server` and"
                            + " `certificate-authority` in the kubeconfig",
                    failure,
                    false);
        }
        if (find(failure, UnknownHostException.class) != null) {
            return new NodeException(
                    said + "its host name is not known here. Check `server` in the kubeconfig", failure, true);
        }
        if (find(failure, ConnectException.class) != null) {
            return new NodeException(
                    said + "nothing answers there (" + words
                            + "). Is the API server running, and the tunnel to it open?",
                    failure,
                    true);
        }
        if (find(failure, TimeoutException.class) != null || words.contains("timeout")) {
            return new NodeException(
                    said + "no answer within " + timeout.toSeconds()
                            + " s. The API server hangs, or the connection to it is"
                            + " dead without either side knowing; check the network and try again",
                    failure,
                    true);
        }
        return new NodeException(said + "the connection broke (" + words + "); try again", failure, true);
    }

    /** A success without the object that was asked for. */
    NodeException noObject(String what, Class<?> type, String said, @Nullable Throwable cause) {
        return new NodeException(
                what + " at " + server + " failed: the answer is no " + type.getSimpleName() + " but: " + shown(said)
                        + ". Check `server` in the kubeconfig: is a proxy in between?",
                cause,
                false);
    }

    /** What the client threw by itself, outside of a request of ours. */
    NodeException of(String what, Throwable failure) {
        KubernetesClientException answer = find(failure, KubernetesClientException.class);
        if (answer != null && answer.getCode() > 0) {
            String message =
                    answer.getStatus() == null ? null : answer.getStatus().getMessage();
            return status(what, answer.getCode(), message == null ? "" : message, null, failure);
        }
        return notAsked(what, failure).orElseGet(() -> noAnswer(what, failure, ApiServer.ATTEMPT_TIMEOUT));
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static Throwable rootCause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
