package org.jlab.jiriaf.jrm.journal;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A journal that lasts as long as its process. Thread-safe. */
public final class InMemoryDeploymentJournal implements DeploymentJournal {

    private final SortedMap<String, DeploymentRecord> records = new TreeMap<>();

    /** Makes an empty journal. */
    public InMemoryDeploymentJournal() {}

    @Override
    public synchronized DeploymentRecord begin(DeploymentRecord record) {
        return records.values().stream()
                .filter(each -> each.requestId().equals(record.requestId()))
                .findFirst()
                .orElseGet(() -> store(record.withVersion(1)));
    }

    @Override
    public synchronized Optional<DeploymentRecord> replace(DeploymentRecord record) {
        DeploymentRecord present = records.get(record.name());
        return present == null || present.version() != record.version()
                ? Optional.empty()
                : Optional.of(store(record.withVersion(record.version() + 1)));
    }

    @Override
    public synchronized void removeAll(Collection<String> names) {
        records.keySet().removeAll(names);
    }

    @Override
    public synchronized JournalContents contents() {
        return new JournalContents(List.copyOf(records.values()), List.of());
    }

    @Override
    public synchronized Optional<DeploymentRecord> find(String name) {
        return Optional.ofNullable(records.get(name));
    }

    private DeploymentRecord store(DeploymentRecord record) {
        records.put(record.name(), record);
        return record;
    }
}
