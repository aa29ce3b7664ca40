package org.jlab.jiriaf.jrm.batch.slurm;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
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

    /** Makes times UTC whatever the site's zone is, and keeps variables of the user from hiding jobs. */
    static final String ENVIRONMENT = "env -u SQUEUE_ACCOUNT -u SQUEUE_LICENSES -u SQUEUE_NAMES -u SQUEUE_PARTITION"
            + " -u SQUEUE_QOS TZ=UTC SLURM_TIME_FORMAT=standard";

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

    // Jobs, members of arrays such as 12_3 or 12_[1-5%2], parts of heterogeneous jobs such as 12+1.
    private static final Pattern BEGINNING = Pattern.compile("[1-9][0-9]*(?:[_+][^" + FIELD + "\\s]*)?" + FIELD);

    private static final Pattern STATE = Pattern.compile("[A-Z][A-Z_]+([ +,|].*)?");

    /** Begins the line before the jobs of each cluster where SLURM_CLUSTERS is set. */
    private static final String CLUSTER_HEADER = "CLUSTER: ";

    // It follows the last field of the record before.
    private static final Pattern CLUSTER_HEADERS =
            Pattern.compile("(\\s*^" + CLUSTER_HEADER + ".*$)+\\s*\\z", Pattern.MULTILINE);

    private SlurmRecords() {}

    /**
     * Reads an answer of squeue. A field that cannot be read is unknown; a record of which not even the job can be read leaves
     * it open which jobs there are.
     *
     * @return the jobs, or empty if there is such a record
     */
    static Optional<List<BatchJobStatus>> ofSqueue(String output) {
        List<String> records = new ArrayList<>();
        String[] parts = output.split(String.valueOf(RECORD), -1);
        for (String part : List.of(parts).subList(1, parts.length)) {
            if (BEGINNING.matcher(part).lookingAt()) {
                records.add(part);
            } else if (!records.isEmpty() && isCut(last(records))) {
                extendLast(records, RECORD + part);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(records.stream().map(record -> job(record, true)).toList());
    }

    /** Each line is a record, or goes on with the name of a job; what is neither is passed over. */
    static List<BatchJobStatus> ofSacct(String output) {
        List<String> records = new ArrayList<>();
        output.lines().forEach(line -> {
            if (BEGINNING.matcher(line).lookingAt()) {
                records.add(line);
            } else if (!records.isEmpty() && isCut(last(records))) {
                extendLast(records, "\n" + line);
            }
        });
        return records.stream().map(record -> job(record, false)).toList();
    }

    private static String last(List<String> records) {
        return records.get(records.size() - 1);
    }

    private static void extendLast(List<String> records, String text) {
        records.set(records.size() - 1, last(records) + text);
    }

    private static boolean isCut(String record) {
        return record.chars().filter(character -> character == FIELD).count() < FIELDS - 1;
    }

    private static BatchJobStatus job(String record, boolean withHost) {
        String[] fields = Arrays.copyOf(
                CLUSTER_HEADERS.matcher(record).replaceAll("").split(String.valueOf(FIELD), FIELDS), FIELDS);
        Arrays.setAll(fields, i -> fields[i] == null ? "" : fields[i]);
        BatchJobState state = state(fields[2]);
        boolean started = state != BatchJobState.PENDING;
        String name = text(fields[8]);
        return new BatchJobStatus(
                fields[0],
                name == null ? "" : name,
                text(withoutLineBreakAtEnd(fields[9])),
                isTold(fields[1]) ? fields[1] : "",
                state,
                reason(fields[2], fields[3]),
                withHost && started && isTold(fields[4]) ? fields[4] : null,
                time(fields[5]),
                started ? time(fields[6]) : null,
                started ? time(fields[7]) : null);
    }

    /** One job for several parts of it: the parts of a heterogeneous job, the tasks of an array. Any that is alive counts. */
    static BatchJobStatus whole(String id, List<BatchJobStatus> parts) {
        BatchJobStatus part = parts.stream()
                .min(Comparator.comparing((BatchJobStatus each) -> !each.id().equals(id))
                        .thenComparing(each -> each.state().isOver())
                        .thenComparing(each -> each.state() != BatchJobState.RUNNING))
                .orElseThrow();
        return new BatchJobStatus(
                id,
                part.name(),
                part.comment(),
                part.user(),
                part.state(),
                part.reason(),
                part.host(),
                part.submittedAt(),
                part.startedAt(),
                part.endedAt());
    }

    /** Whether a job is the one with an id or a part of it, or stands for several of which one has the id. */
    static boolean isOf(String id, BatchJobStatus job) {
        boolean manyTasks = job.id().indexOf('[') > 0;
        return job.id().equals(id) || whole(job.id()).equals(manyTasks ? whole(id) : id);
    }

    /** The id under which a job was submitted. */
    private static String whole(String id) {
        return id.split("[_+]", 2)[0];
    }

    /**
     * The state in Slurm's words, whatever they say beyond its name: who cancelled it, what it is about to do. A job that ended
     * and is still being taken down is not over, and a state that is not known here ends no job either.
     */
    static BatchJobState state(String text) {
        String[] words = text.strip().toUpperCase(Locale.ROOT).split("[+,|]", -1);
        BatchJobState state = word(words.length == 0 ? "" : words[0]);
        for (int i = 1; i < words.length && state.isOver(); i++) {
            state = words[i].isBlank() ? state : word(words[i]);
        }
        return state;
    }

    /** States of one job, one a line for each part of it: of each cluster that has the job, the one that keeps it alive. */
    static List<BatchJobState> states(String output) {
        return Stream.of(output.split("(?m)^" + CLUSTER_HEADER + ".*$", -1))
                .map(SlurmRecords::stateOnCluster)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<BatchJobState> stateOnCluster(String output) {
        List<String> lines = output.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        List<String> states =
                lines.stream().filter(line -> STATE.matcher(line).matches()).toList();
        return (states.isEmpty() ? lines : states)
                .stream()
                        .map(SlurmRecords::state)
                        .min(Comparator.comparing((BatchJobState state) -> state != BatchJobState.RUNNING)
                                .thenComparing(BatchJobState::isOver));
    }

    private static BatchJobState word(String text) {
        String word = text.strip().split("\\s", 2)[0];
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
            case "PREEMPTED" -> BatchJobState.PREEMPTED;
            // REVOKED among them: the job runs on another cluster of the federation.
            default -> BatchJobState.UNKNOWN;
        };
    }

    private static @Nullable String reason(String state, String reason) {
        String said = isTold(reason) && !reason.equals("0:0") ? reason.strip() : null;
        String words = said != null && said.matches("[0-9]+:[0-9]+") ? "exit code " + said : said;
        if (!isTold(state) || !speaks(state)) {
            return words;
        }
        return words == null ? state.strip() : state.strip() + ", " + words;
    }

    /** {@code CANCELLED by 20001}, and states that are told apart here by their words alone. */
    private static boolean speaks(String state) {
        return state.strip().contains(" ")
                || switch (state.strip()) {
                    case "OUT_OF_MEMORY", "DEADLINE", "BOOT_FAIL" -> true;
                    default -> state(state) == BatchJobState.UNKNOWN;
                };
    }

    /** Text that anybody may have chosen: only what Slurm prints for no text at all is none. */
    private static @Nullable String text(String value) {
        return value.isBlank() || value.equals("(null)") ? null : value;
    }

    /** Whether a field says anything; Slurm has several words for nothing. */
    private static boolean isTold(String value) {
        return switch (value.strip().toUpperCase(Locale.ROOT)) {
            case "", "(NULL)", "NULL", "N/A", "NONE", "NONE ASSIGNED", "UNKNOWN", "INVALID" -> false;
            default -> true;
        };
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
