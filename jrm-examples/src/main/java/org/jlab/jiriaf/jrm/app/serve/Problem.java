package org.jlab.jiriaf.jrm.app.serve;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.deploy.DeploymentException;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.port.PortAllocationException;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.workflow.WorkflowStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is not answered as wished, told as problem details.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
final class Problem extends RuntimeException {

    /** Media type of problem details. */
    static final String MEDIA_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;

    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(424, "Failed Dependency"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"));

    private final int status;
    private final transient Map<String, Object> members;
    private final transient Map<String, String> headers;

    private Problem(
            int status,
            String detail,
            Map<String, Object> members,
            Map<String, String> headers,
            @Nullable Throwable cause) {
        super(detail, cause);
        this.status = status;
        this.members = members;
        this.headers = headers;
    }

    Problem(int status, String detail) {
        this(status, detail, Map.of(), Map.of(), null);
    }

    /** The same problem with one more member in its JSON. */
    Problem with(String member, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(member, value);
        return new Problem(status, String.valueOf(getMessage()), more, headers, getCause());
    }

    /** The same problem with one more header in its answer. */
    Problem withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Problem(status, String.valueOf(getMessage()), members, more, getCause());
    }

    /**
     * What an exception of the library means to a client. A site, a login node or a cluster that fails is a dependency that
     * failed, not this service; without its store it can do nothing, and says that it is unavailable.
     */
    static Problem of(Throwable failure) {
        if (failure instanceof Problem problem) {
            return problem;
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof SiteConfigException invalid) {
            return new Problem(400, message).with("errors", List.copyOf(invalid.faults()));
        }
        if (failure instanceof DeploymentException deployment) {
            return of(deployment, message);
        }
        if (failure instanceof WorkflowStoreException store) {
            return unavailable(store, message);
        }
        if (failure instanceof PortAllocationException || failure instanceof TunnelException) {
            return failed((JrmException) failure, message);
        }
        if (failure instanceof JrmException other) {
            return failed(other, message);
        }
        return new Problem(
                500,
                "Something went wrong that should not; the log of the service says more",
                Map.of(),
                Map.of(),
                failure);
    }

    private static Problem of(DeploymentException failure, String message) {
        Problem problem = failure.getCause() instanceof WorkflowStoreException
                ? unavailable(failure, message)
                : failed(failure, message);
        return problem.with("deployment", failure.deployment()).with("step", stepName(failure.step()));
    }

    static String stepName(DeploymentStep step) {
        return step.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static Problem failed(JrmException failure, String message) {
        boolean conflict = failure instanceof PortAllocationException
                || failure.getCause() instanceof PortAllocationException
                || (failure instanceof DeploymentException && failure.getCause() == null);
        return new Problem(
                conflict ? 409 : 424, message, Map.of("transient", failure.isTransient()), Map.of(), failure);
    }

    private static Problem unavailable(JrmException failure, String message) {
        return new Problem(
                failure.isTransient() ? 503 : 424,
                message,
                Map.of("transient", failure.isTransient()),
                failure.isTransient() ? Map.of("Retry-After", "5") : Map.of(),
                failure);
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** What the answer says. */
    Map<String, Object> toValues() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("type", "about:blank");
        values.put("title", TITLES.getOrDefault(status, "Error"));
        values.put("status", status);
        values.put("detail", String.valueOf(getMessage()));
        values.putAll(members);
        return values;
    }
}
