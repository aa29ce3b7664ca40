package org.jlab.jiriaf.jrm.deploy.internal;

import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the batch job of a deployment.
 *
 * @param kind what can be concluded
 * @param job the job, if there is a batch system that knows it
 * @param words how an operator would say it
 */
record JobObservation(Kind kind, @Nullable BatchJobStatus job, String words) {

    /** What can be concluded. */
    enum Kind {
        /** It waits or runs. */
        ALIVE,
        /** It was submitted and is over. */
        OVER,
        /** None of that name is there, and nobody knows whether one was ever submitted. */
        NONE,
        /** Its login node or batch system does not answer or lets nobody in, or its id cannot be read; nothing follows. */
        NO_ANSWER,
        /** There is no batch system to be asked. */
        NOBODY_TO_ASK
    }

    static final JobObservation NONE = new JobObservation(Kind.NONE, null, "no job of its name is in the queue");

    static final JobObservation NOT_ASKED =
            new JobObservation(Kind.NOBODY_TO_ASK, null, "its batch system was not asked");
}
