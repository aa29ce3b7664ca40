package org.jlab.jiriaf.jrm.batch.slurm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;

/**
 * The ways in which Slurm refuses a job for good: submitted again unchanged, it is refused again. Only texts that Slurm itself
 * gives for such a refusal are listed. Whatever else {@code sbatch} says when it fails is an outage, a limit that leaves room
 * another time, or not known, and the job may be submitted again.
 *
 * <p>Two texts look like refusals and are none. {@code Job violates accounting/QOS policy} stands for limits on the number of
 * jobs as well as for those on their size; the name of the limit, which newer versions print before it, tells them apart.
 * {@code Unspecified error} comes from a plugin of the site, which uses it for closing times too.
 *
 * @see <a href="https://github.com/SchedMD/slurm/blob/master/src/common/slurm_errno.c">Slurm, slurm_errno.c</a>
 * @see <a href="https://slurm.schedmd.com/resource_limits.html">Slurm, resource limits</a>
 */
enum SlurmRefusal {
    ACCOUNT(
            "correct slurm.account (and slurm.partition); `sacctmgr show assoc user=$USER` shows yours",
            "Invalid account"),
    QOS("correct slurm.qos; `sacctmgr show assoc user=$USER` shows yours", "Invalid qos"),
    PARTITION(
            "correct slurm.partition; `sinfo -s` shows what there is",
            "invalid partition",
            "group not permitted to use this partition",
            "No partition specified or system default partition",
            "Requested nodes not in this partition",
            "Multiple partition job request not supported"),
    RESERVATION(
            "correct slurm.reservation; see `scontrol show res`",
            "Requested reservation is invalid",
            "Invalid reservation",
            "Access denied to requested reservation"),
    CONSTRAINT(
            "correct slurm.constraint; `sinfo -o %f` shows what there is",
            "Invalid (preferred )?feature specification",
            "Invalid --constraint specification",
            "Requested node configuration is not available",
            "Invalid node name specified",
            "--batch option is invalid or not a subset"),
    NODES(
            "ask for fewer nodes, or for another slurm.partition or slurm.qos",
            "Node count specification invalid",
            "invalid number of nodes",
            "not a valid node count",
            "\\bPartitionNodeLimit\\b"),
    WALLTIME(
            "ask for a shorter walltime, or for another slurm.partition or slurm.qos",
            "Requested time limit is invalid",
            "Time limit specification required",
            "Invalid time-min specification",
            "Invalid --time specification",
            "Invalid time limit specification",
            "\\bPartitionTimeLimit\\b"),
    /** A limit on each job, by the name that Slurm has for it. One that bounds all jobs together leaves room one day. */
    LIMIT(
            "ask for fewer nodes or a shorter walltime, or for another slurm.qos",
            "\\b(QOS|Assoc)Max\\w*Per(Job|Node)\\w*",
            "\\bQOSMin\\w+"),
    RESOURCES(
            "correct what the job asks for besides its nodes: GPUs, licenses, memory, tasks",
            "Invalid generic resource",
            "Invalid GRES specification",
            "Duplicate generic resource",
            "Requested GRES option unsupported",
            "Invalid license specification",
            "Invalid Trackable RESource",
            "Memory required by task is not available",
            "Memory specification can not be satisfied",
            "CPU count specification invalid",
            "More processors requested than permitted",
            "Requested more tasks than available processors",
            "Task (count|distribution) specification invalid"),
    SCRIPT(
            "use fewer nodes per job, so that the script gets shorter",
            "directory or other parameter too long",
            "MaxScriptSize",
            "script.{0,20} too (big|large)"),
    /** An option of the script that sbatch does not know; those that jrm itself gives would be a fault of the site. */
    DIRECTIVE(
            "correct slurm.directives, or the _queueadapter of the workflow",
            "unrecognized option '--(?!parsable|no-requeue|job-name|comment)",
            "Invalid directive found in batch script",
            "invalid option -- ",
            "script contains DOS line breaks");

    // The second is what `sbatch --test-only` says.
    private static final Pattern VERDICT = pattern("(?:Batch job submission failed|allocation failure): *(\\S.*)");
    private static final Pattern SAYS_TOO_LITTLE = pattern("Unspecified error|Generic error|accounting/QOS policy");
    private static final Pattern NO_ERROR = pattern("^(\\S+: )?(warning|info|verbose|debug\\d?): ");

    private final String advice;
    private final Pattern words;

    SlurmRefusal(String advice, String... words) {
        this.advice = advice;
        this.words = pattern(String.join("|", words));
    }

    private static Pattern pattern(String words) {
        return Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    /** What to do about it. */
    String advice() {
        return advice;
    }

    /**
     * Why {@code sbatch} refuses the job for good, or empty if nothing says so. Where it says why the submission failed, that
     * line decides, and where that line says too little, those before it do.
     */
    static Optional<SlurmRefusal> of(ExecResult sbatch) {
        if (!SlurmCalls.hasRun(sbatch)) {
            return Optional.empty();
        }
        List<String> lines = sbatch.words()
                .lines()
                .map(String::strip)
                .filter(line -> !NO_ERROR.matcher(line).find())
                .toList();
        return lines.stream()
                .map(VERDICT::matcher)
                .filter(Matcher::find)
                .map(verdict -> verdict.group(1))
                .reduce((earlier, later) -> later)
                .filter(verdict -> !SAYS_TOO_LITTLE.matcher(verdict).find())
                .map(verdict -> in(List.of(verdict)))
                .orElseGet(() -> in(lines));
    }

    private static Optional<SlurmRefusal> in(List<String> lines) {
        return Arrays.stream(values())
                .filter(refusal -> lines.stream()
                        .anyMatch(line -> refusal.words.matcher(line).find()))
                .findFirst();
    }
}
