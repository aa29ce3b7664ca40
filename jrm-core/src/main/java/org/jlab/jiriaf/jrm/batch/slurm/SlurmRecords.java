package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.batch.BatchJobState;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jspecify.annotations.Nullable;

/**
 * What {@code squeue} and {@code sacct} print, with separators that no shell profile prints and hardly anybody puts into the
 * name of a job. Times are asked for in UTC: Slurm prints them without a zone.
 *
 * @see <a href="https://slurm.schedmd.com/squeue.html">squeue</a>
 * @see <a href="https://slurm.schedmd.com/sacct.html">sacct</a>
 */
final class SlurmRecords {

    /** Makes times UTC whatever the site's zone is and whatever the user has set. */
    static final String ENVIRONMENT = "env TZ=UTC SLURM_TIME_FORMAT=standard";

    /** Begins each record of squeue. */
    private static final char RECORD = '\u001e';

    /** Stands between fields. */
    static final char FIELD = '\u001f';

    /** Fields of {@code squeue --format}; name and comment are anybody's text and come last. */
    static final String SQUEUE_FORMAT =
            RECORD + String.join(String.valueOf(FIELD), "%i", "%u", "%T", "%r", "%B", "%V", "%S", "%e", "%j", "%k");

    /** The like of {@code sacct --format}: an exit code for the reason, which only newer versions have, and no host. */
    static final String SACCT_FORMAT = "JobID,User,State,ExitCode,Partition,Submit,Start,End,JobName,Comment";

    private static final int FIELDS = 10;

    private SlurmRecords() {}

    static List<BatchJobStatus> ofSqueue(String output) {
        return read(Stream.of(output.split(String.valueOf(RECORD), -1)).skip(1), true);
    }

    /** Each line is a record; what is no record, such as the second line of a job's name, is passed over. */
    static List<BatchJobStatus> ofSacct(String output) {
        return read(output.lines(), false);
    }

    private static List<BatchJobStatus> read(Stream<String> records, boolean withHost) {
        List<BatchJobStatus> jobs = new ArrayList<>();
        records.forEach(text -> {
            String[] fields = text.split(String.valueOf(FIELD), FIELDS);
            Instant submitted = fields.length == FIELDS ? time(fields[5]) : null;
            if (submitted != null) {
                jobs.add(job(fields, submitted, withHost));
            }
        });
        return jobs;
    }

    private static BatchJobStatus job(String[] fields, Instant submitted, boolean withHost) {
        BatchJobState state = state(fields[2]);
        boolean started = state != BatchJobState.PENDING;
        return new BatchJobStatus(
                fields[0],
                fields[8],
                text(withoutLineBreakAtEnd(fields[9])),
                fields[1],
                state,
                reason(fields[2], fields[3]),
                withHost && started ? host(fields[4]) : null,
                submitted,
                started ? time(fields[6]) : null,
                started ? time(fields[7]) : null);
    }

    /** The state in Slurm's words, whatever they say beyond its name: who cancelled it, or a state that is not known here. */
    static BatchJobState state(String text) {
        String word = text.strip().toUpperCase(Locale.ROOT).split("[\\s+]", 2)[0];
        return switch (word) {
            case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT" ->
                BatchJobState.PENDING;
            case "RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING", "STAGE_OUT" -> BatchJobState.RUNNING;
            case "COMPLETING" -> BatchJobState.COMPLETING;
            case "COMPLETED" -> BatchJobState.COMPLETED;
            case "CANCELLED" -> BatchJobState.CANCELLED;
            case "FAILED", "OUT_OF_MEMORY" -> BatchJobState.FAILED;
            case "TIMEOUT", "DEADLINE" -> BatchJobState.TIMEOUT;
            case "NODE_FAIL", "BOOT_FAIL" -> BatchJobState.NODE_FAIL;
            case "PREEMPTED", "REVOKED" -> BatchJobState.PREEMPTED;
            default -> BatchJobState.UNKNOWN;
        };
    }

    private static @Nullable String reason(String state, String reason) {
        String said = text(reason);
        // "CANCELLED by 20001", and states that are told apart here by their words alone.
        boolean speaks = state.strip().contains(" ")
                || switch (state.strip()) {
                    case "OUT_OF_MEMORY", "DEADLINE", "BOOT_FAIL", "REVOKED" -> true;
                    default -> state(state) == BatchJobState.UNKNOWN;
                };
        if (said == null || said.equals("None") || said.equals("0:0")) {
            return speaks ? state.strip() : null;
        }
        String words = said.matches("[0-9]+:[0-9]+") ? "exit code " + said : said;
        return speaks ? state.strip() + ", " + words : words;
    }

    private static @Nullable String text(String value) {
        return value.isBlank() || value.equals("(null)") ? null : value;
    }

    private static @Nullable String host(String value) {
        return value.equalsIgnoreCase("n/a") ? null : text(value);
    }

    private static String withoutLineBreakAtEnd(String value) {
        return value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
    }

    private static @Nullable Instant time(String value) {
        try {
            return LocalDateTime.parse(value.strip()).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return null; // N/A, Unknown, None
        }
    }
}
