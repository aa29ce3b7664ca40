package org.jlab.jiriaf.jrm.store.mongo;

import java.util.Optional;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** A launch queue each of whose changes is made {@linkplain Exclusion alone}. */
final class OneAtATimeLaunchQueue implements LaunchQueue {

    private final LaunchQueue queue;
    private final Launchpad launchpad;

    OneAtATimeLaunchQueue(LaunchQueue queue, Launchpad launchpad) {
        this.queue = queue;
        this.launchpad = launchpad;
    }

    @Override
    public Optional<Reservation> reserve(Worker worker, String launchDir) {
        return launchpad.alone(() -> queue.reserve(worker, launchDir));
    }

    @Override
    public void submitted(int launchId, String jobId) {
        launchpad.alone(() -> queue.submitted(launchId, jobId));
    }

    @Override
    public void start(int launchId, Worker worker) {
        launchpad.alone(() -> queue.start(launchId, worker));
    }

    @Override
    public boolean ping(int launchId) {
        return launchpad.alone(() -> queue.ping(launchId));
    }

    @Override
    public void complete(int launchId, WorkflowState state, String message) {
        launchpad.alone(() -> queue.complete(launchId, state, message));
    }

    @Override
    public boolean cancel(int launchId) {
        return launchpad.alone(() -> queue.cancel(launchId));
    }
}
