package org.jlab.jiriaf.jrm.store.mongo;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jspecify.annotations.Nullable;

/** The forwards of a deployment in the journal: {@code {forward, kind, node, original_port}} for each. */
final class ForwardDocuments {

    private ForwardDocuments() {}

    static List<Document> of(List<DeploymentForward> forwards) {
        return forwards.stream().map(ForwardDocuments::of).toList();
    }

    private static Document of(DeploymentForward forward) {
        ForwardPurpose purpose = forward.purpose();
        return new Document("forward", forward.forward().toString())
                .append("kind", purpose.kind().name())
                .append("node", purpose.node())
                .append("original_port", purpose.originalPort());
    }

    /** Reads them; throws any {@link RuntimeException} at what is no forward. */
    static List<DeploymentForward> read(List<?> stored) {
        return stored.stream()
                .map(forward -> read(Objects.requireNonNull(forward)))
                .toList();
    }

    private static DeploymentForward read(Object stored) {
        if (!(stored instanceof Document document)) {
            // Noted before purposes were kept.
            return new DeploymentForward(Forward.parse((String) stored), ForwardPurpose.NOT_KNOWN);
        }
        return new DeploymentForward(
                Forward.parse(Objects.requireNonNull(document.getString("forward"))),
                new ForwardPurpose(
                        kind(document.getString("kind")),
                        document.getString("node"),
                        document.getInteger("original_port")));
    }

    private static ForwardPurpose.Kind kind(@Nullable String name) {
        return Arrays.stream(ForwardPurpose.Kind.values())
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElse(ForwardPurpose.Kind.UNKNOWN);
    }
}
