package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.deploy.PortReleaseOutcome;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.JournalContents;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jspecify.annotations.Nullable;

/** Gives up what jrm holds on this host in a range of ports. Used once, by one thread. */
public final class PortRangeRelease {

    private final Backends backends;
    private final Map<String, LocalDeployment> held;
    private final List<PortReleaseOutcome> closures = new ArrayList<>();

    public PortRangeRelease(Backends backends, Map<String, LocalDeployment> held) {
        this.backends = backends;
        this.held = held;
    }

    public List<PortReleaseOutcome> close(PortRange range) {
        Set<Integer> inUse = new HashSet<>(backends.ports().inUse(range));
        Map<String, List<PortLease>> leases = backends.ports().leases().stream()
                .filter(lease -> range.contains(lease.port()))
                .collect(Collectors.groupingBy(PortLease::owner));
        JournalContents journal = backends.journal().contents();
        Map<String, DeploymentRecord> records = journal.records().stream()
                .collect(Collectors.toMap(DeploymentRecord::name, Function.identity(), (first, second) -> second));
        leases.forEach((owner, ofOwner) -> close(owner, ofOwner, records.get(owner), journal));
        closures.forEach(closure -> inUse.remove(closure.port()));
        inUse.forEach(port -> closures.add(new PortReleaseOutcome(
                port, null, false, "a program that is not jrm's uses it; `ss -anp sport = :" + port + "` names it")));
        closures.sort(Comparator.comparingInt(PortReleaseOutcome::port));
        return List.copyOf(closures);
    }

    private void close(
            String owner, List<PortLease> leases, @Nullable DeploymentRecord record, JournalContents journal) {
        List<PortLease> here = leases.stream()
                .filter(lease -> lease.hosts().contains(backends.hostName()))
                .toList();
        List<PortLease> elsewhere = new ArrayList<>(leases);
        elsewhere.removeAll(here);
        tell(elsewhere, false, lease -> "leased on " + String.join(" and ", lease.hosts()) + "; run this there");
        if (here.isEmpty()) {
            return;
        }
        Optional<JournalContents.Unreadable> unreadable =
                owner.startsWith(PortLease.NO_DEPLOYMENT) ? Optional.empty() : journal.unreadable(owner);
        if (unreadable.isPresent()) {
            tell(here, false, lease -> unreadable.get().problem());
        } else if (record == null) {
            giveUp(owner, here, "no such deployment is in the journal");
        } else if (record.phase() != DeploymentRecord.Phase.DEPLOYED) {
            tell(
                    here,
                    false,
                    lease -> "its deployment is " + record.phase() + " in process "
                            + record.owner().pid());
        } else {
            giveUp(record, here);
        }
    }

    /** The record is changed first: a process that holds the forwards elsewhere closes those which are no longer in it. */
    private void giveUp(DeploymentRecord record, List<PortLease> leases) {
        Set<Integer> ports = leases.stream().map(PortLease::port).collect(Collectors.toSet());
        boolean changed = backends.journal()
                .replace(record.withForwards(record.forwards().stream()
                        .filter(forward -> !forward.isLocal() || !ports.contains(forward.port()))
                        .toList()))
                .isPresent();
        if (!changed) {
            tell(leases, false, lease -> "somebody else changes the deployment at this moment; run this again");
            return;
        }
        LocalDeployment here = held.get(record.name());
        if (here != null) {
            here.closeTunnels(forward -> forward.direction() == Forward.Direction.LOCAL
                    && ports.contains(forward.bind().port()));
        }
        giveUp(
                record.name(),
                leases,
                here != null || backends.isKnownDead(record.owner())
                        ? "forward closed, lease given up"
                        : "lease given up; process " + record.owner().pid() + " closes the forward within seconds");
    }

    private void giveUp(String owner, List<PortLease> leases, String how) {
        backends.ports().release(leases);
        tell(leases, true, lease -> how);
        backends.event(
                owner,
                DeploymentStep.RELEASE_PORTS,
                DeploymentEvent.Kind.DONE,
                "closed on request: " + leases.stream().map(PortLease::port).toList());
    }

    private void tell(List<PortLease> leases, boolean closed, Function<PortLease, String> reason) {
        leases.forEach(lease ->
                closures.add(new PortReleaseOutcome(lease.port(), lease.owner(), closed, reason.apply(lease))));
    }
}
