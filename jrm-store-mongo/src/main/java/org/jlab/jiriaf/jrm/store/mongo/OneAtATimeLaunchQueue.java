package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/**
 * A launch queue each of whose changes is made {@linkplain Exclusion alone}. Where that matters, agents of FireWorks do not wait
 * for their turn, so a reservation is looked at again after {@link #SETTLED} and given up if an agent has taken the same Firework.
 */
final class OneAtATimeLaunchQueue implements LaunchQueue {

    /** The least time until a reservation is looked at again. */
    static final Duration SETTLED = Duration.ofMillis(500);

    /**
     * How often the time of a reservation of one's own that least is, if that is longer. From reading a READY Firework to writing
     * its launch an agent needs as many commands as a reservation here. There is nothing that could be waited for instead: it
     * tells nobody that it is about to write.
     */
    private static final int ROOM = 3;

    private final MongoLaunchQueue queue;
    private final Launchpad launchpad;
    private final ReservationCheck check;
    private final Duration settled;

    OneAtATimeLaunchQueue(MongoLaunchQueue queue, Launchpad launchpad, Duration settled) {
        this.queue = queue;
        this.launchpad = launchpad;
        this.check = new ReservationCheck(launchpad);
        this.settled = settled;
    }

    @Override
    public Optional<Reservation> reserve(Worker worker, String launchDir) {
        if (!launchpad.exclusion.isNeeded(launchpad.calls)) {
            return queue.reserve(worker, launchDir);
        }
        while (true) {
            AtomicLong nanos = new AtomicLong();
            Optional<Reservation> claimed = launchpad.alone(() -> {
                long start = System.nanoTime();
                Optional<Reservation> first = queue.claim(worker, launchDir);
                nanos.set(System.nanoTime() - start);
                return first;
            });
            if (claimed.isEmpty()) {
                return claimed;
            }
            Reservation reservation = claimed.get();
            await(reservation.launch(), Duration.ofNanos(ROOM * nanos.get()));
            if (launchpad.alone(() -> isSettled(reservation, worker))) {
                return claimed;
            }
        }
    }

    private boolean isSettled(Reservation reservation, Worker worker) {
        try {
            if (!check.confirm(reservation.launch(), worker)) {
                return false;
            }
        } catch (JrmException e) {
            queue.giveBack(reservation.launch(), e);
            throw e;
        }
        queue.settle(reservation);
        return true;
    }

    private void await(Launch launch, Duration room) {
        try {
            Thread.sleep(Math.max(settled.toMillis(), room.toMillis()));
        } catch (InterruptedException e) {
            JrmException interrupted = launchpad.calls.failed(
                    "reserve Firework " + launch.workflowId(),
                    "interrupted before it was certain that nobody else has.");
            launchpad.alone(() -> queue.giveBack(launch, interrupted));
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
