package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jlab.jiriaf.jrm.node.NodeException;

/** Makes the same request for many nodes, some of them at a time. */
final class BoundedParallel {

    private static final int AT_A_TIME = 8;

    private BoundedParallel() {}

    /**
     * Goes through the items; once one has failed, those not yet begun are left out.
     *
     * @return those for which the request said yes, in the same order
     */
    static <T> List<T> filter(List<T> items, Predicate<T> request) {
        if (items.size() <= AT_A_TIME) {
            return items.stream().filter(request).toList();
        }
        ExecutorService executor = Executors.newFixedThreadPool(AT_A_TIME, task -> new Thread(task, "jrm-nodes"));
        try {
            List<Future<Boolean>> answers = items.stream()
                    .map(item -> executor.submit(() -> request.test(item)))
                    .toList();
            List<T> yes = new ArrayList<>();
            for (int i = 0; i < items.size(); i++) {
                if (answers.get(i).get()) {
                    yes.add(items.get(i));
                }
            }
            return yes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(
                    "Interrupted while asking the API server about " + items.size() + " nodes", e, true);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }
}
