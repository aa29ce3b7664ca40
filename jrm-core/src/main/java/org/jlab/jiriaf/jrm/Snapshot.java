package org.jlab.jiriaf.jrm;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jspecify.annotations.Nullable;

/**
 * What a pass of clean-up sees: as many questions however many deployments there are.
 *
 * @param at when it was taken
 * @param leases the leases of each owner
 * @param records the journal
 * @param workflows the deployments of the LaunchPad, by name
 */
record Snapshot(
        Instant at,
        Map<String, List<PortLease>> leases,
        List<DeploymentRecord> records,
        Map<String, Workflow> workflows) {

    /**
     * Looks. The order matters, as others go on meanwhile: a lease is taken after its record is begun, and a record becomes
     * DEPLOYED after its workflow is stored. Asked in this order, nobody's lease or workflow that is seen lacks its record, and
     * no DEPLOYED record its workflow, unless it really does.
     */
    static Snapshot take(Backends backends) {
        Instant at = backends.clock().instant();
        Map<String, List<PortLease>> leases =
                backends.ports().leases().stream().collect(Collectors.groupingBy(PortLease::owner));
        List<DeploymentRecord> records = backends.journal().list();
        Map<String, Workflow> workflows = backends.workflows().list(WorkflowFilter.DEPLOYMENTS).stream()
                .collect(Collectors.toMap(Workflow::name, Function.identity(), (first, second) -> second));
        return new Snapshot(at, leases, records, workflows);
    }

    @Nullable
    Workflow workflow(DeploymentRecord record) {
        return workflows.get(record.name());
    }

    List<PortLease> leases(DeploymentRecord record) {
        return leases.getOrDefault(record.name(), List.of());
    }
}
