package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import org.jlab.jiriaf.jrm.contract.LaunchQueueContract;
import org.jlab.jiriaf.jrm.contract.MutableClock;
import org.jlab.jiriaf.jrm.contract.WorkflowDrafts;
import org.jlab.jiriaf.jrm.workflow.LaunchQueue;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MongoLaunchQueueContractTest extends LaunchQueueContract {

    @RegisterExtension
    static final TestLaunchpad LAUNCHPAD = new TestLaunchpad();

    @Test
    void finishesACancellationThatWasCutOff() {
        MongoDatabase database = LAUNCHPAD.emptyDatabase();
        MongoWorkflowStore store = new MongoWorkflowStore(database);
        int id = store.add(WorkflowDrafts.oneNode("test", "jrm-test-1"));
        LaunchQueue queue = store.launchQueue();
        LaunchQueue.Worker worker = new LaunchQueue.Worker("jrm", "test", "cp01", "127.0.0.1");
        int launch = queue.reserve(worker, "/launches/1").orElseThrow().launch().id();
        // What a process has done that is killed then.
        database.getCollection("launches")
                .updateOne(Filters.eq("launch_id", launch), Updates.set("state", WorkflowState.READY.name()));

        assertThat(queue.cancel(launch)).isTrue();
        assertThat(store.find(id)).get().extracting(Workflow::state).isEqualTo(WorkflowState.READY);
        assertThat(queue.reserve(worker, "/launches/2")).isPresent();
        assertThat(queue.cancel(launch)).as("given back long ago").isFalse();
        assertThat(store.find(id)).get().extracting(Workflow::state).isEqualTo(WorkflowState.RESERVED);
    }

    @Override
    protected WorkflowStore emptyStore(MutableClock time) {
        return new MongoWorkflowStore(LAUNCHPAD.emptyDatabase(), time);
    }
}
