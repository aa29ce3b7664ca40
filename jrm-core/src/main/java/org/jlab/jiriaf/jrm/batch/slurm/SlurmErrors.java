package org.jlab.jiriaf.jrm.batch.slurm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** What Slurm's own words say of failures that are no refusal of a job; see {@link SlurmRefusal} for those. */
final class SlurmErrors {

    /** The controller may have taken the request; its answer did not arrive. */
    private static final Pattern UNANSWERED =
            pattern("Socket timed out|Zero Bytes were transmitted|Connection (reset|timed out)|receive failure"
                    + "|Header lengths are longer|Insufficient data|Unexpected message");

    /**
     * Slurm's daemons, or the network between, are away.
     *
     * @see <a href="https://github.com/SchedMD/slurm/blob/master/src/common/slurm_errno.c">Slurm, slurm_errno.c</a>
     */
    private static final Pattern OUTAGE = pattern(
            "Unable to contact slurm|in standby|munge|Protocol authentication error"
                    + "|configuration source|(Network|Host) is unreachable|No route to host|connect(ion)? (failure|refused|timed out)"
                    + "|Unable to connect to slurm|resolve .{0,80}(host|controller|address|slurmctld)"
                    + "|slurmctld.{0,40}(not responding|down|not running)|Communication (connection|shutdown) failure|Stale file handle");

    // The words of slurm_strerror() for ESLURM_INVALID_JOB_ID and ESLURM_ALREADY_DONE.
    private static final Pattern NO_LONGER_THERE = pattern("Invalid job id|already completing or completed");

    /**
     * What {@code sacct} says to a user whom it will never answer: there is no accounting (slurm.conf has {@code
     * AccountingStorageType=accounting_storage/none}), or slurmdbd does not talk to this host or user.
     */
    private static final Pattern NO_ACCOUNTING = pattern("accounting.{0,40}(is disabled|is not enabled|not supported)"
            + "|not running a supported accounting_storage plugin|not permitted|not authorized|permission denied");

    /** What stands beside such words, or in their place, while accounting is only away. */
    private static final Pattern AWAY =
            pattern("munge|authentication|timed out|Connection (refused|reset)|connect failure|No route to host");

    /** A line in which one of Slurm's commands complains; a shell's start-up files print other things. */
    private static final Pattern COMPLAINT =
            Pattern.compile("(?m)^(squeue|sacct|scancel|slurm_\\w+|slurmdbd)\\b.*\\b(error|fatal)\\b.*$");

    private static final Pattern DENIED = pattern("Access/permission denied");

    private static final Map<Pattern, String> ADVICE = new LinkedHashMap<>();

    static {
        ADVICE.put(
                pattern("(QOS|Assoc)(Grp|Max)\\w*|MaxSubmitJob\\w*|Maximum number of jobs|job submit limit"),
                "wait until others of your jobs have ended, or ask for fewer of them with more nodes each; a job that is"
                        + " larger than a limit is never taken");
        ADVICE.put(
                pattern("maintenance|Required (node|partition) not available|partition.*not available|Partition in down"
                        + "|temporarily unable to accept job|submission.*disabled|reservation not usable now"),
                "the site takes no such job at present; see its announcements and `sinfo -T`");
        ADVICE.put(
                Pattern.compile(OUTAGE.pattern() + "|" + UNANSWERED.pattern(), Pattern.CASE_INSENSITIVE),
                "Slurm's daemons do not answer, which refuses nothing; `scontrol ping` there tells when they are back");
        ADVICE.put(pattern("Unspecified error"), "a plugin of the site refused the job in its own words");
    }

    private SlurmErrors() {}

    private static Pattern pattern(String words) {
        return Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    /** Whether the request may have been carried out all the same. */
    static boolean isUnanswered(String words) {
        return UNANSWERED.matcher(words).find();
    }

    /** Whether the controller cannot be reached, or does not answer. */
    static boolean isOutage(String words) {
        return OUTAGE.matcher(words).find() || isUnanswered(words);
    }

    /** Whether the user may not do it, to this job, now or later. */
    static boolean isDenied(String words) {
        return DENIED.matcher(words).find();
    }

    /** Whether Slurm no longer knows a job, or knows it to be over, and has no other complaint. */
    static boolean isNoLongerThere(String error) {
        return NO_LONGER_THERE.matcher(error).find()
                && error.lines()
                        .filter(SlurmErrors::complains)
                        .allMatch(line -> NO_LONGER_THERE.matcher(line).find());
    }

    /** Whether there is no accounting for this user, now or later. */
    static boolean isWithoutAccounting(String words) {
        return NO_ACCOUNTING.matcher(words).find() && !AWAY.matcher(words).find();
    }

    /** Whether a command complains, whatever its exit code. */
    static boolean complains(String error) {
        return COMPLAINT.matcher(error).find();
    }

    /** What to do, to be put behind the words; empty if they speak for themselves. */
    static String advice(String words) {
        return ADVICE.entrySet().stream()
                .filter(known -> known.getKey().matcher(words).find())
                .findFirst()
                .map(known -> "; " + known.getValue())
                .orElse("");
    }
}
