package org.jlab.jiriaf.jrm.deploy.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BiConsumer;
import org.jlab.jiriaf.jrm.deploy.DeploymentStep;

/**
 * What has been done so far and how to take it back, last done first undone. What cannot be taken back keeps what was done
 * before it from being taken back, as it stands on it: it can be tried again. Not thread-safe.
 */
public final class UndoStack {

    /** One thing that can be taken back. */
    public record Undo(DeploymentStep step, String what, Runnable action) {}

    private final Deque<Undo> done = new ArrayDeque<>();

    void push(DeploymentStep step, String what, Runnable action) {
        done.push(new Undo(step, what, action));
    }

    public boolean isEmpty() {
        return done.isEmpty();
    }

    /**
     * Takes everything back, up to the first thing that cannot be.
     *
     * @param onUndone told of each one that succeeded
     * @param onFailed told of the one that failed
     * @return whether nothing is left
     */
    public boolean unwind(BiConsumer<DeploymentStep, String> onUndone, BiConsumer<Undo, RuntimeException> onFailed) {
        // An interrupted thread cannot talk to the store, and an interrupt is a common reason to be here.
        boolean interrupted = Thread.interrupted();
        try {
            while (!done.isEmpty()) {
                Undo undo = done.element();
                try {
                    undo.action().run();
                } catch (RuntimeException e) {
                    onFailed.accept(undo, e);
                    return false;
                }
                done.remove();
                onUndone.accept(undo.step(), undo.what());
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
