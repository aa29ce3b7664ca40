package org.jlab.jiriaf.jrm.journal;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A journal as it was at one time.
 *
 * @param records the records, by name
 * @param unreadable the records that cannot be read, such as those of a later version or those that somebody has edited. Their
 *     deployments exist: nothing may be released, closed or deleted because they are not among {@code records}
 */
public record JournalContents(List<DeploymentRecord> records, List<Unreadable> unreadable) {

    /**
     * A record that cannot be read.
     *
     * @param name name of the deployment, or null if that is not readable either
     * @param problem the field, its value and the journal, for a message
     */
    public record Unreadable(@Nullable String name, String problem) {}

    /** Copies. */
    public JournalContents {
        records = List.copyOf(records);
        unreadable = List.copyOf(unreadable);
    }

    /**
     * Tells whether a deployment may have a record that cannot be read. A record without a readable name may be that of any
     * deployment.
     *
     * @param deployment name of a deployment
     * @return the record, or empty if the deployment has none, or one that can be read
     */
    public Optional<Unreadable> unreadable(String deployment) {
        return unreadable.stream()
                .filter(each -> each.name() == null || each.name().equals(deployment))
                .findFirst()
                .filter(each ->
                        records.stream().noneMatch(record -> record.name().equals(deployment)));
    }
}
