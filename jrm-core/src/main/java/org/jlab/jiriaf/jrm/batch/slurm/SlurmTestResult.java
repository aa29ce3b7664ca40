package org.jlab.jiriaf.jrm.batch.slurm;

import org.jlab.jiriaf.jrm.tunnel.ExecResult;

/**
 * The answer of {@code sbatch --test-only}.
 *
 * @param verdict what the answer means
 * @param code the kind of refusal, such as {@code QOS} or {@code ACCOUNT}; empty unless the verdict is {@link
 *     Verdict#REFUSED}
 * @param words Slurm's own words
 * @param advice what to do; empty if nothing is known beyond the words
 * @see <a href="https://slurm.schedmd.com/sbatch.html#OPT_test-only">sbatch --test-only</a>
 */
public record SlurmTestResult(Verdict verdict, String code, String words, String advice) {

    /** Meaning of an answer. */
    public enum Verdict {
        /** Slurm takes the job. */
        ACCEPTED,
        /** Slurm refuses the job for good: unchanged, it is refused again. */
        REFUSED,
        /** The controller cannot be reached, which says nothing about the job. */
        UNREACHABLE,
        /** Slurm did not take the job now; nothing says that it never will. */
        UNKNOWN
    }

    static SlurmTestResult of(ExecResult sbatch) {
        String words = sbatch.words();
        if (sbatch.succeeded()) {
            return new SlurmTestResult(Verdict.ACCEPTED, "", words, "");
        }
        return SlurmRefusal.of(sbatch)
                .map(refusal -> new SlurmTestResult(Verdict.REFUSED, refusal.name(), words, refusal.advice()))
                .orElseGet(() -> new SlurmTestResult(
                        SlurmErrors.isOutage(words) ? Verdict.UNREACHABLE : Verdict.UNKNOWN,
                        "",
                        words,
                        SlurmErrors.advice(words)));
    }
}
