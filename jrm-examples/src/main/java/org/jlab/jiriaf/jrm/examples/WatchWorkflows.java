package org.jlab.jiriaf.jrm.examples;

import com.mongodb.client.MongoClient;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;

/** Prints each change of state of the JRM deployments in a LaunchPad, whoever made them. */
public final class WatchWorkflows {

    private WatchWorkflows() {}

    /**
     * Runs the example.
     *
     * @param arguments FireWorks' file of the LaunchPad, {@code my_launchpad.yaml}
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] arguments) throws InterruptedException {
        LaunchpadConfig launchpad = LaunchpadConfig.read(Path.of(arguments[0]));
        try (MongoClient mongo = launchpad.open()) {
            WorkflowStore store = new MongoWorkflowStore(mongo.getDatabase(launchpad.databaseName()));
            watch(store, Duration.ofSeconds(5), new CountDownLatch(1), System.out);
        }
    }

    static void watch(WorkflowStore store, Duration interval, CountDownLatch stop, PrintStream out)
            throws InterruptedException {
        Map<Integer, WorkflowState> known = new HashMap<>();
        do {
            for (Workflow workflow : store.list(WorkflowFilter.DEPLOYMENTS)) {
                if (known.put(workflow.id(), workflow.state()) != workflow.state()) {
                    out.println(workflow.id() + " " + workflow.name() + " is " + workflow.state());
                }
            }
        } while (!stop.await(interval.toMillis(), TimeUnit.MILLISECONDS));
    }
}
