package org.jlab.jiriaf.jrm.batch;

import java.time.Duration;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/** The batch system of a site, spoken to through a login session. Implementations are thread-safe. */
public interface BatchScheduler {

    /**
     * Ends a job, waiting or running. A job that is over, or unknown, is not an error. A running job gets the chance to report
     * its end to the LaunchPad first.
     *
     * @param session session on a login node of the site
     * @param jobId the job's id
     * @param timeout how long it may take until the job is known to be over
     * @throws BatchSchedulerException if the batch system refuses or the job does not end in time
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    void cancel(LoginSession session, String jobId, Duration timeout);
}
