package org.jlab.jiriaf.jrm.batch;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/**
 * The batch system of a site, spoken to through a login session, as the user of that session. Implementations are thread-safe.
 *
 * <p>An answer and no answer are different things: a job that is missing from an answer is not in the queue; whenever the
 * batch system does not answer, or not completely, there is an exception, and nothing is known about any job. That exception
 * is transient unless there is no such batch system at all. A field of an answer that cannot be read is unknown; a state that
 * cannot be read is {@link BatchJobState#UNKNOWN} and ends no job.
 *
 * <p>Made for batch systems that are spoken to by commands on a login node; what each needs for an implementation: a way to
 * submit a script under a name with a text that can be found again ({@code sbatch --comment}, PBS {@code qsub -A} or {@code
 * -v}, LSF {@code bsub -Jd}, Flux {@code flux batch --setattr}), one query for all jobs of a user ({@code squeue}, {@code
 * qstat -x -f -F json}, {@code bjobs -a -json}, {@code flux jobs -a}), and a way to end one. Where the API is REST (NERSC
 * Superfacility, IRI), the session is only what files are written with.
 */
public interface BatchScheduler {

    /**
     * Submits a job: writes its script into its folder and hands it over. Where the answer got lost, it looks for the job by its
     * token before it gives up.
     *
     * @param session session on a login node of the site
     * @param job the job
     * @param timeout how long it may take in all
     * @return the job's id
     * @throws UnknownSubmissionException if it cannot be told whether the job was accepted; {@link #jobs} shows one with its
     *     token if it was, perhaps later
     * @throws BatchSchedulerException if the batch system does not take the job; the message carries its own words. It is not
     *     transient only where the batch system is known to refuse this very job for good: an account, a queue or a feature
     *     that is not there, a limit that the job can never keep. Outages, limits on the number of jobs and words that are not
     *     known are transient
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be reached; nothing was submitted
     */
    String submit(LoginSession session, BatchSubmission job, Duration timeout);

    /**
     * Lists the user's jobs, all in one query: those that wait or run, and those that ended so recently that the queue still
     * shows them.
     *
     * @param session session on a login node of the site
     * @param timeout how long it may take
     * @return the jobs, in no particular order
     * @throws BatchSchedulerException if the batch system does not answer
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    List<BatchJobStatus> jobs(LoginSession session, Duration timeout);

    /**
     * Tells whether a text can be the id of a job of this batch system. Anybody can have written ids into a LaunchPad.
     *
     * @param text any text
     * @return whether {@link #find} and {@link #cancel} take it; by default they take any
     */
    default boolean isJobId(String text) {
        return true;
    }

    /**
     * Looks jobs up, also such as have left the queue long ago, in as few queries as the batch system allows. What accounting
     * does not tell, because there is none or it keeps nothing so old, is no error: the job is then missing from the answer.
     *
     * @param session session on a login node of the site
     * @param jobIds ids of jobs
     * @param timeout how long it may take in all
     * @return the jobs of this user that the batch system knows, by id; one that is missing is over, or another user has its
     *     id now. An id that was given to another job of this user yields that job: see {@link BatchJobStatus#canBe}
     * @throws IllegalArgumentException if an id cannot be one of this batch system, see {@link #isJobId}
     * @throws BatchSchedulerException if the batch system does not answer
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    Map<String, BatchJobStatus> find(LoginSession session, Collection<String> jobIds, Duration timeout);

    /**
     * Ends a job, waiting or running. A job that is over, or unknown, is not an error. A running job gets the chance to report
     * its end to the LaunchPad first.
     *
     * @param session session on a login node of the site
     * @param jobId the job's id
     * @param timeout how long it may take until the job is known to be over
     * @throws IllegalArgumentException if the id cannot be one of this batch system, see {@link #isJobId}
     * @throws BatchSchedulerException if the batch system refuses or the job does not end in time
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the login node cannot be asked
     */
    void cancel(LoginSession session, String jobId, Duration timeout);
}
