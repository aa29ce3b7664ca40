package org.jlab.jiriaf.jrm.store.mongo;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/** The document of a deployment in the journal. A field that is missing or holds anything unexpected is a fault, never a guess. */
final class DeploymentDocument {

    static final String NONCE = "nonce";

    private static final int MAX_SHOWN = 100;

    /** Tells which field of a document cannot be understood. */
    static final class Fault extends Exception {

        private static final long serialVersionUID = 1L;

        Fault(String field, @Nullable Object value) {
            super(
                    value == null
                            ? "field " + field + " is missing"
                            : "field " + field + " is '" + TextRules.toOneLine(value.toString(), MAX_SHOWN)
                                    + "', which this version of jrm does not understand");
        }
    }

    private final Document document;

    private DeploymentDocument(Document document) {
        this.document = document;
    }

    static Document of(DeploymentRecord record, ObjectId nonce) {
        ProcessIdentity owner = record.owner();
        SshRoute route = record.route();
        return new Document("_id", record.requestId())
                .append("name", record.name())
                .append("phase", record.phase().name())
                .append(
                        "owner",
                        new Document("host", owner.host())
                                .append("pid", owner.pid())
                                .append("started_at", Date.from(owner.startedAt())))
                .append("owned_until", Date.from(record.ownedUntil()))
                .append("workflow_id", record.workflowId())
                .append("hops", texts(route.hops()))
                .append("alternates", texts(route.alternates()))
                .append("key", route.key() == null ? null : route.key().toString())
                .append("forwards", ForwardDocuments.of(record.forwards()))
                .append("nodenames", record.nodeNames())
                .append("node_password", record.nodePassword())
                .append(
                        "batch_system",
                        record.batchSystem() == null
                                ? null
                                : record.batchSystem().name())
                .append("created_on", Date.from(record.createdOn()))
                .append("version", record.version())
                .append(NONCE, nonce);
    }

    private static List<String> texts(List<?> values) {
        return values.stream().map(Object::toString).toList();
    }

    static DeploymentRecord read(Document document) throws Fault {
        return new DeploymentDocument(document).record();
    }

    private DeploymentRecord record() throws Fault {
        return new DeploymentRecord(
                text("name"),
                text("_id"),
                field("phase", value -> DeploymentRecord.Phase.valueOf((String) value)),
                new ProcessIdentity(text("owner", "host"), number("owner", "pid"), date("owner", "started_at")),
                date("owned_until"),
                isAbsent("workflow_id") ? null : field(DocumentFields::integer, "workflow_id"),
                route(),
                field("forwards", value -> ForwardDocuments.read((List<?>) value)),
                list("nodenames", Function.identity()),
                !isAbsent("node_password") && field("node_password", Boolean.class::cast),
                batchSystem(document.get("batch_system")),
                date("created_on"),
                number("version"));
    }

    private SshRoute route() throws Fault {
        List<SshHop> hops = list("hops", SshHop::parse);
        if (hops.isEmpty()) {
            throw new Fault("hops", hops);
        }
        return new SshRoute(
                hops,
                isAbsent("key") ? null : field("key", value -> Path.of((String) value)),
                null,
                isAbsent("alternates") ? List.of() : list("alternates", SshHop::parse));
    }

    /** Null where the document says nothing, or something that only a later jrm understands. */
    private static DeploymentRecord.@Nullable BatchSystem batchSystem(@Nullable Object name) {
        return Arrays.stream(DeploymentRecord.BatchSystem.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private boolean isAbsent(String field) {
        return document.get(field) == null;
    }

    private String text(String... path) throws Fault {
        return field(String.class::cast, path);
    }

    private long number(String... path) throws Fault {
        return field(DeploymentDocument::whole, path);
    }

    /** Tools other than jrm write numbers as int32 or double. */
    private static @Nullable Long whole(Object value) {
        Number number = (Number) value;
        return number.longValue() == number.doubleValue() ? (Long) number.longValue() : null;
    }

    private Instant date(String... path) throws Fault {
        return field(FireworksDate::read, path);
    }

    private <T> List<T> list(String name, Function<String, T> parse) throws Fault {
        return field(
                name,
                value -> ((List<?>) value)
                        .stream()
                                .map(item -> parse.apply((String) Objects.requireNonNull(item)))
                                .toList());
    }

    private <T> T field(String name, Function<Object, @Nullable T> read) throws Fault {
        return field(read, name);
    }

    private <T> T field(Function<Object, @Nullable T> read, String... path) throws Fault {
        Object value = DocumentFields.at(document, path);
        try {
            T understood = value == null ? null : read.apply(value);
            if (understood != null) {
                return understood;
            }
        } catch (RuntimeException e) {
            // Of another type, or not what it parses; said below.
        }
        throw new Fault(String.join(".", path), value);
    }
}
