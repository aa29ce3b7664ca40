package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Duration;
import java.util.Optional;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/**
 * A launch queue each of whose changes is made {@linkplain Exclusion alone}. Where that matters, agents of FireWorks do not wait
 * for their turn, so a reservation is looked at again after {@link #SETTLED} and given up if an agent has taken the same Firework.
 */
final class OneAtATimeLaunchQueue implements LaunchQueue {

    /**
     * How long an agent of FireWorks takes, with room to spare, from reading a READY Firework to writing its own launch: about
     * six commands. There is nothing that could be waited for instead: it tells nobody that it is about to write.
     */
    static final Duration SETTLED = Duration.ofMillis(500);

    private final LaunchQueue queue;
    private final Launchpad launchpad;
    private final ReservationCheck check;
    private final Duration settled;

    OneAtATimeLaunchQueue(LaunchQueue queue, Launchpad launchpad, Duration settled) {
        this.queue = queue;
        this.launchpad = launchpad;
        this.check = new ReservationCheck(launchpad);
        this.settled = settled;
    }

    @Override
    public Optional<Reservation> reserve(Worker worker, String launchDir) {
        while (true) {
            Optional<Reservation> reserved = launchpad.alone(() -> queue.reserve(worker, launchDir));
            if (reserved.isEmpty() || !launchpad.exclusion.isNeeded(launchpad.calls)) {
                return reserved;
            }
            Launch launch = reserved.get().launch();
            settle(launch);
            if (launchpad.alone(() -> check.confirm(launch, worker))) {
                return reserved;
            }
        }
    }

    private void settle(Launch launch) {
        try {
            Thread.sleep(settled.toMillis());
        } catch (InterruptedException e) {
            JrmException interrupted = launchpad.calls.failed(
                    "reserve Firework " + launch.workflowId(),
                    "interrupted before it was certain that nobody else has.");
            launchpad.calls.undo("give back Firework " + launch.workflowId(), interrupted, () -> cancel(launch.id()));
            Thread.currentThread().interrupt();
            throw interrupted;
        }
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
