package org.jlab.jiriaf.jrm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;

/** What has been done so far and how to take it back, last done first undone. Not thread-safe. */
final class UndoStack {

    /** One thing that can be taken back. */
    record Undo(Step step, String what, Runnable action) {}

    private final Deque<Undo> done = new ArrayDeque<>();

    void push(Step step, String what, Runnable action) {
        done.push(new Undo(step, what, action));
    }

    /**
     * Takes everything back; an undo that fails does not keep the others from being done.
     *
     * @param onUndone told of each one that succeeded
     * @param onFailed told of each one that failed
     * @return those which failed, in the order in which they are to be tried again
     */
    List<Undo> unwind(BiConsumer<Step, String> onUndone, BiConsumer<Undo, RuntimeException> onFailed) {
        // An interrupted thread cannot talk to the store, and an interrupt is a common reason to be here.
        boolean interrupted = Thread.interrupted();
        List<Undo> failed = new ArrayList<>();
        try {
            while (!done.isEmpty()) {
                Undo undo = done.pop();
                try {
                    undo.action().run();
                    onUndone.accept(undo.step(), undo.what());
                } catch (RuntimeException e) {
                    failed.add(undo);
                    onFailed.accept(undo, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return failed;
    }
}
