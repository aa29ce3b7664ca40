package org.jlab.jiriaf.jrm.batch.slurm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What Slurm's own words say: whether a retry can help, and what to do.
 *
 * @see <a href="https://slurm.schedmd.com/resource_limits.html">Slurm, resource limits</a>
 */
final class SlurmErrors {

    /** The controller may have taken the request; its answer did not arrive. */
    private static final Pattern UNANSWERED = pattern(
            "Socket timed out|Zero Bytes were transmitted|Connection (reset|timed out)|Message receive failure");

    private static final Pattern UNREACHABLE =
            pattern("Unable to contact slurm controller|Connection refused|temporarily (unable|unavailable)|Resource"
                    + " temporarily|I/O error writing script");

    /** Limits on how many jobs there may be at once; another time there is room. */
    private static final Pattern FULL =
            pattern("(QOS|Assoc)(Grp|Max)Submit\\w*|MaxSubmitJob\\w*|AssocGrp\\w*Limit|QOSGrp\\w*Limit"
                    + "|Maximum number of jobs|job submit limit reached");

    private static final Pattern CLOSED = pattern("maintenance|Required node not available|partition.*not available"
            + "|Slurm temporarily unable to accept job|submission.*disabled");

    private static final Map<Pattern, String> ADVICE = new LinkedHashMap<>();

    static {
        ADVICE.put(FULL, "wait until others of your jobs have ended, or ask for fewer of them with more nodes each");
        ADVICE.put(CLOSED, "the site takes no such job at present; see its announcements and `sinfo -T`");
        ADVICE.put(
                pattern("MaxScriptSize|script.*too (big|large)|parameter too long"),
                "use fewer nodes per job, so that the script gets shorter");
        ADVICE.put(
                pattern("Invalid account"),
                "correct slurm.account (and slurm.partition); `sacctmgr show assoc user=$USER` shows yours");
        ADVICE.put(pattern("invalid partition"), "correct slurm.partition; `sinfo -s` shows what there is");
        ADVICE.put(pattern("Invalid qos"), "correct slurm.qos; `sacctmgr show assoc user=$USER` shows yours");
        ADVICE.put(
                pattern("reservation is invalid|Invalid reservation"),
                "correct slurm.reservation; see `scontrol show res`");
        ADVICE.put(pattern("Invalid feature"), "correct slurm.constraint; `sinfo -o %f` shows what there is");
        ADVICE.put(
                pattern("time limit|Wall|MaxNode|Node count|More processors|accounting/QOS policy"),
                "ask for fewer nodes or a shorter walltime, or for another slurm.qos");
    }

    private SlurmErrors() {}

    private static Pattern pattern(String words) {
        return Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    static boolean isTransient(String words) {
        return isUnanswered(words)
                || UNREACHABLE.matcher(words).find()
                || FULL.matcher(words).find()
                || CLOSED.matcher(words).find();
    }

    /** Whether the request may have been carried out all the same. */
    static boolean isUnanswered(String words) {
        return UNANSWERED.matcher(words).find();
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
