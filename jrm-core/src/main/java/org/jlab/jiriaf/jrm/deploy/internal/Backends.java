package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Clock;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.host.HostScheduler;
import org.jlab.jiriaf.jrm.deploy.DeploymentEvent;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;
import org.jlab.jiriaf.jrm.journal.DeploymentJournal;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.node.NodeManager;
import org.jlab.jiriaf.jrm.port.PortAllocator;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a deployer works with. */
public record Backends(
        WorkflowStore workflows,
        @Nullable TunnelManager tunnels,
        @Nullable NodeManager nodes,
        @Nullable Kubeconfig kubeconfig,
        PortAllocator ports,
        BatchScriptRenderer renderer,
        BatchScheduler scheduler,
        DeploymentSettings settings,
        Consumer<DeploymentEvent> onEvent,
        Clock clock,
        ProcessIdentity self,
        Predicate<ProcessIdentity> knownDead) {

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    String hostName() {
        return self.host();
    }

    /** Tells whether a process is known to have ended; of one on another host nothing is known. */
    boolean isKnownDead(ProcessIdentity process) {
        return knownDead.test(process);
    }

    /**
     * The batch system that has the job of a deployment. Where its record does not say, the id does: on a host without batch
     * system it is {@code PID.START}.
     */
    BatchScheduler schedulerOf(@Nullable DeploymentRecord record, @Nullable String jobId) {
        DeploymentRecord.BatchSystem noted = record == null ? null : record.batchSystem();
        HostScheduler host = new HostScheduler();
        boolean onHost =
                noted == null ? jobId != null && host.isJobId(jobId) : noted == DeploymentRecord.BatchSystem.HOST;
        return onHost ? host : scheduler;
    }

    /** The deployments of the store; of several of one name the last. */
    Map<String, Workflow> workflowsByName() {
        return workflows.list(WorkflowFilter.DEPLOYMENTS).stream()
                .collect(Collectors.toMap(Workflow::name, Function.identity(), (first, second) -> second));
    }

    public DeploymentJournal journal() {
        return workflows.deploymentJournal();
    }

    void event(String deployment, DeploymentStep step, DeploymentEvent.Kind kind, String message) {
        DeploymentEvent event = new DeploymentEvent(clock.instant(), deployment, step, kind, message);
        LOG.debug("{}", event);
        try {
            onEvent.accept(event);
        } catch (RuntimeException e) {
            LOG.warn("The event listener failed on: {}", event, e);
        }
    }
}
