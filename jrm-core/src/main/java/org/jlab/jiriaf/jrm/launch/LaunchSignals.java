package org.jlab.jiriaf.jrm.launch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowListener;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;

/** What a launcher waits for between its passes: changes in the LaunchPad, and its own end. Thread-safe. */
final class LaunchSignals implements WorkflowListener {

    private final String category;
    private final IntPredicate followed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean closed; // guarded by lock
    private boolean readySeen; // guarded by lock
    private boolean endSeen; // guarded by lock
    private boolean heldBack; // guarded by lock

    /**
     * Makes signals that nobody has given yet.
     *
     * @param category category of the site
     * @param followed tells whether a workflow is followed
     */
    LaunchSignals(String category, IntPredicate followed) {
        this.category = category;
        this.followed = followed;
    }

    @Override
    public void changed(Workflow workflow) {
        if (workflow.state() == WorkflowState.READY && category.equals(workflow.category())) {
            wake(true);
        } else if (workflow.state() == WorkflowState.PAUSED || workflow.state().isOver()) {
            wake(false);
        }
    }

    @Override
    public void deleted(int id) {
        if (followed.test(id)) {
            wake(false);
        }
    }

    private void wake(boolean ready) {
        lock.lock();
        try {
            readySeen |= ready;
            endSeen |= !ready;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what has been seen, since a step begins; tells whether a job may have to end. */
    boolean beginStep() {
        lock.lock();
        try {
            boolean end = endSeen;
            readySeen = false;
            endSeen = false;
            heldBack = false;
            return end;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the next pass come when it is due and not before: what could not be done now is not possible at once either. */
    void holdBack() {
        lock.lock();
        try {
            heldBack = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a pass is due, or something has been seen, or it is time to look for work; the last two only if the launcher
     * is not held back.
     *
     * @param due when the next pass is due, in {@link System#nanoTime}
     * @param look how long until work is looked for
     */
    void await(long due, long look) {
        lock.lock();
        try {
            long looked = System.nanoTime() + look;
            long left = left(due, looked);
            while (!closed && left > 0 && (heldBack || !(readySeen || endSeen))) {
                woken.await(left, TimeUnit.NANOSECONDS);
                left = left(due, looked);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private long left(long due, long looked) {
        long now = System.nanoTime();
        return heldBack ? due - now : Math.min(due - now, looked - now);
    }

    boolean isOpen() {
        lock.lock();
        try {
            return !closed && !Thread.currentThread().isInterrupted();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
