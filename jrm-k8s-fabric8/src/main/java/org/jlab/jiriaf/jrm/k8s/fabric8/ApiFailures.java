package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jspecify.annotations.Nullable;

/** Turns what an API server, or the lack of one, says into what an operator has to know. */
final class ApiFailures {

    private final String server;

    ApiFailures(String server) {
        this.server = server;
    }

    /**
     * An answer that is not the hoped for one. The codes are those of the Kubernetes API conventions, "HTTP Status codes".
     *
     * @param retryAfter how long the server asked us to stay away, or null
     */
    NodeException status(
            String what, int code, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        String said = " at " + server + " failed: HTTP " + code
                + (message.isBlank() ? "" : " (" + message.strip() + ")") + ". ";
        String asked = retryAfter == null ? "" : "; the API server asks to wait " + retryAfter.toSeconds() + " s";
        return switch (code) {
            case 401 ->
                permanent(
                        what + said + "It does not know us: the kubeconfig's token or client certificate is wrong or"
                                + " has expired; renew it",
                        cause);
            case 403 ->
                permanent(
                        what + said
                                + "Our user may not do that: it needs a ClusterRole with get, list, watch, patch and"
                                + " delete on nodes and, to drain, list and watch on pods and create on pods/eviction",
                        cause);
            case 404 ->
                permanent(
                        what + said + "There is no Kubernetes API at that address: check `server` in the kubeconfig",
                        cause);
            case 409 -> passing(what + said + "Somebody changed it at the same time; try again", cause);
            case 410 -> passing(what + said + "What we had seen is too old by now; try again", cause);
            case 429 -> passing(what + said + "It is too busy for us" + asked + "; try again later", cause);
            default ->
                code >= 500
                        ? passing(
                                what + said + "The API server is in trouble" + asked
                                        + "; look at its log and try again",
                                cause)
                        : permanent(what + said + "That is no answer jrm knows: is a proxy in between?", cause);
        };
    }

    /** No answer at all. */
    NodeException noAnswer(String what, Throwable failure, Duration timeout) {
        String said = " at " + server + " failed: ";
        SSLException tls = find(failure, SSLException.class);
        if (tls != null) {
            return permanent(
                    what + said + "no TLS connection (" + tls.getMessage() + "). Check `server` and"
                            + " `certificate-authority` in the kubeconfig",
                    failure);
        }
        if (find(failure, UnknownHostException.class) != null) {
            return passing(what + said + "its host name is not known here. Check `server` in the kubeconfig", failure);
        }
        ConnectException refused = find(failure, ConnectException.class);
        if (refused != null) {
            return passing(
                    what + said + "nothing answers there (" + refused.getMessage()
                            + "). Is the API server running, and the" + " tunnel to it open?",
                    failure);
        }
        if (find(failure, TimeoutException.class) != null || isTimeout(failure)) {
            return passing(
                    what + said + "no answer within " + timeout.toSeconds()
                            + " s. The API server hangs, or the connection"
                            + " to it is dead without either side knowing; check the network and try again",
                    failure);
        }
        return passing(what + said + "the connection broke (" + failure.getMessage() + "); try again", failure);
    }

    /** What the client threw by itself, outside of a request of ours. */
    NodeException of(String what, Throwable failure) {
        KubernetesClientException answer = find(failure, KubernetesClientException.class);
        if (answer != null && answer.getCode() > 0) {
            String message =
                    answer.getStatus() == null ? null : answer.getStatus().getMessage();
            return status(what, answer.getCode(), message == null ? "" : message, null, failure);
        }
        return noAnswer(what, failure, ApiServer.ATTEMPT_TIMEOUT);
    }

    /** The HTTP library under the client has timeouts of its own that are no {@link TimeoutException}. */
    private static boolean isTimeout(Throwable failure) {
        String message = failure.getMessage();
        return message != null && message.contains("timeout");
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static NodeException permanent(String message, @Nullable Throwable cause) {
        return new NodeException(message, cause, false);
    }

    private static NodeException passing(String message, @Nullable Throwable cause) {
        return new NodeException(message, cause, true);
    }
}
