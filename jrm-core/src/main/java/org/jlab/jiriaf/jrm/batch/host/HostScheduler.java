package org.jlab.jiriaf.jrm.batch.host;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.UnknownSubmissionException;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/**
 * A host that is reached by SSH and has no batch system, as on FABRIC or EJFAT: a job starts at once, detached from the
 * connection, with {@code setsid}. Linux only: jobs are found in {@code /proc}, by marks in the environment of all their
 * processes. Holds no state; thread-safe.
 *
 * <p>A job's id is {@code PID.START}, the process id of its script and when that process started, in the kernel's ticks since
 * boot; so an id is not taken for a later process with the same number. A job is known as long as its script runs. Whatever
 * it left running is ended by {@link #cancel}. Jobs end with the host; nothing keeps them in a queue.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5), field 22</a>
 */
public final class HostScheduler implements BatchScheduler {

    private static final Pattern JOB_ID = Pattern.compile("[1-9][0-9]*\\.[0-9]+");
    private static final char RECORD = '\u001e';
    private static final char FIELD = '\u001f';
    private static final int FIELDS = 7;

    /** Prints the start of process $1 in ticks, or nothing if it is gone. */
    private static final String STARTED = """
            started() {
                sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
            }
            """;

    // The environment of a process is what it had when it was executed, so the script is executed with its marks.
    private static final String START = STARTED + """
            cd "$1" || exit 73
            export JRM_JOB_NAME="$2" JRM_JOB_TOKEN="$3"
            setsid sh -c 'JRM_JOB_ID=$$.$(sed "s/.*) //" "/proc/$$/stat" | cut -d" " -f20)
                export JRM_JOB_ID
                exec sh "./$1"' jrm "$4" >FW_job.out 2>FW_job.error </dev/null &
            pid=$!
            start=$(started "$pid")
            # From when on it is seen by its marks, unless it has ended already.
            tries=500
            until grep -qzs '^JRM_JOB_ID=' "/proc/$pid/environ" || ! kill -s 0 "$pid" 2>/dev/null || [ "$tries" -eq 0 ]; do
                tries=$((tries - 1))
                sleep 0.01
            done
            printf 'job %s.%s\\n' "$pid" "$start"
            """;

    private static final String LIST = STARTED + """
            variable() {
                sed -nz "s/^$1=//p" "$2" | tr -d '\\000'
            }
            boot=$(sed -n 's/^btime //p' /proc/stat)
            ticks=$(getconf CLK_TCK)
            user=$(id -un)
            host=$(hostname)
            for environ in $(grep -lzs '^JRM_JOB_ID=' /proc/[0-9]*/environ); do
                pid=${environ#/proc/}
                pid=${pid%/environ}
                start=$(started "$pid")
                id=$pid.$start
                { [ -n "$start" ] && grep -qzsxF "JRM_JOB_ID=$id" "$environ"; } || continue
                printf '\\036%s\\037%s\\037%s\\037%s\\037' "$id" "$user" "$host" "$((boot + start / ticks))"
                variable JRM_JOB_NAME "$environ"
                printf '\\037'
                variable JRM_JOB_TOKEN "$environ"
                printf '\\037'
            done
            exit 0
            """;

    private static final String CANCEL = """
            mine() {
                grep -lzsxF "JRM_JOB_ID=$id" /proc/[0-9]*/environ
            }
            id=$1
            tries=$2
            leader=/proc/${id%.*}/environ
            # The script passes it on, and so ends in order what it has started.
            if grep -qzsxF "JRM_JOB_ID=$id" "$leader" && kill -s TERM "${id%.*}"; then
                while [ "$tries" -gt 0 ] && grep -qzsxF "JRM_JOB_ID=$id" "$leader"; do
                    tries=$((tries - 1))
                    sleep 0.2
                done
            fi
            tries=50
            left=$(mine)
            while [ -n "$left" ]; do
                [ "$tries" -gt 0 ] || exit 1
                for environ in $left; do
                    pid=${environ#/proc/}
                    kill -s KILL "${pid%/environ}" 2>/dev/null
                done
                tries=$((tries - 1))
                sleep 0.1
                left=$(mine)
            done
            exit 0
            """;

    /** Makes a scheduler. */
    public HostScheduler() {}

    @Override
    public String submit(LoginSession session, BatchSubmission job, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        session.writeFile(job.scriptPath(), job.scriptBytes(), timeout);
        ExecResult result;
        try {
            result = run(session, START, end, job.folder(), job.name(), job.token(), BatchSubmission.SCRIPT_FILE);
        } catch (TunnelException e) {
            return findAgain(session, job, e, end);
        }
        String id = result.output()
                .lines()
                .filter(line -> line.startsWith("job "))
                .map(line -> line.substring("job ".length()))
                .filter(text -> JOB_ID.matcher(text).matches())
                .findFirst()
                .orElse("");
        if (!result.succeeded() || id.isEmpty()) {
            throw failed(session, "start job " + job.name(), result);
        }
        return id;
    }

    private String findAgain(LoginSession session, BatchSubmission job, TunnelException cause, long end) {
        try {
            return jobs(session, remaining(end)).stream()
                    .filter(status -> job.token().equals(status.comment()))
                    .map(BatchJobStatus::id)
                    .findFirst()
                    .orElseThrow(() -> cause);
        } catch (TunnelException | BatchSchedulerException e) {
            UnknownSubmissionException unknown = new UnknownSubmissionException("Nobody can tell whether job "
                    + job.name() + " was started on " + session.route().describe() + ": " + cause.getMessage());
            unknown.addSuppressed(e);
            throw unknown;
        }
    }

    @Override
    public List<BatchJobStatus> jobs(LoginSession session, Duration timeout) {
        ExecResult result = run(session, LIST, System.nanoTime() + timeout.toNanos());
        if (!result.succeeded()) {
            throw failed(session, "list the jobs", result);
        }
        String[] records = result.output().split(String.valueOf(RECORD), -1);
        List<BatchJobStatus> jobs = new ArrayList<>();
        for (String record : List.of(records).subList(1, records.length)) {
            String[] fields = record.split(String.valueOf(FIELD), FIELDS);
            if (fields.length < FIELDS || !JOB_ID.matcher(fields[0]).matches()) {
                // It may be any job, and none is missing because of it.
                throw new BatchSchedulerException(
                        "A job on " + session.route().describe() + " cannot be read: '" + TextRules.printable(record)
                                + "'; ask again",
                        true);
            }
            jobs.add(running(fields));
        }
        return jobs;
    }

    private static BatchJobStatus running(String[] fields) {
        Instant started = fields[3].matches("[0-9]{1,12}") ? Instant.ofEpochSecond(Long.parseLong(fields[3])) : null;
        return new BatchJobStatus(
                fields[0],
                fields[4],
                fields[5],
                fields[1],
                BatchJobState.RUNNING,
                null,
                fields[2].isEmpty() ? null : fields[2],
                started,
                started,
                null);
    }

    @Override
    public boolean isJobId(String text) {
        return JOB_ID.matcher(text).matches();
    }

    @Override
    public Map<String, BatchJobStatus> find(LoginSession session, Collection<String> jobIds, Duration timeout) {
        jobIds.forEach(this::check);
        if (jobIds.isEmpty()) {
            return Map.of();
        }
        Set<String> wanted = new TreeSet<>(jobIds);
        return jobs(session, timeout).stream()
                .filter(job -> wanted.contains(job.id()))
                .collect(Collectors.toMap(BatchJobStatus::id, Function.identity()));
    }

    /**
     * Ends a job: its script gets SIGTERM; once it has ended, or after half of the time, what is left of its processes gets
     * SIGKILL.
     *
     * @param session session on the host
     * @param jobId the job's id
     * @param timeout how long it may take until nothing of it is left
     */
    @Override
    public void cancel(LoginSession session, String jobId, Duration timeout) {
        check(jobId);
        // A look and a pause take a little more than a fifth of a second.
        long tries = Math.max(1, timeout.toMillis() / 2 / 200);
        ExecResult result = run(session, CANCEL, System.nanoTime() + timeout.toNanos(), jobId, Long.toString(tries));
        if (!result.succeeded()) {
            throw new BatchSchedulerException(
                    "Processes of job " + jobId + " on " + session.route().describe()
                            + " are still there after they have been killed: " + result.words()
                            + "; look for JRM_JOB_ID=" + jobId + " in /proc/*/environ there",
                    true);
        }
    }

    private void check(String jobId) {
        if (!isJobId(jobId)) {
            throw new IllegalArgumentException("Not the id of a job on a plain host: '" + jobId + "'");
        }
    }

    private static ExecResult run(LoginSession session, String script, long end, String... arguments) {
        return session.exec(script, List.of(arguments), remaining(end));
    }

    private static Duration remaining(long end) {
        return Duration.ofNanos(Math.max(1_000_000_000L, end - System.nanoTime()));
    }

    private static BatchSchedulerException failed(LoginSession session, String what, ExecResult result) {
        return new BatchSchedulerException(
                "Cannot " + what + " on " + session.route().describe() + ": " + result.words(), true);
    }
}
