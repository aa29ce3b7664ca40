package org.jlab.jiriaf.jrm.site;

import java.util.List;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks of Slurm beyond what every site file says. FireWorks' template has no place for most of it; there it stands
 * as {@code #SBATCH} lines at the top of {@code pre_rocket}, which sbatch reads as long as no command comes before.
 *
 * @param partition {@code --partition}, or null
 * @param gpusPerNode {@code --gpus-per-node}, or null
 * @param licenses {@code --licenses}, or null
 * @param mailUser {@code --mail-user}, or null
 * @param mailType {@code --mail-type}, or null
 * @param signal {@code --signal}, or null; at {@code USR2@N} JRMs end in order N seconds before the job's end
 * @param directives any other options, as {@code NAME} or {@code NAME=VALUE} without hyphens before them
 * @see <a href="https://slurm.schedmd.com/sbatch.html">sbatch</a>
 */
public record SlurmOptions(
        @Nullable String partition,
        @Nullable String gpusPerNode,
        @Nullable String licenses,
        @Nullable String mailUser,
        @Nullable String mailType,
        @Nullable String signal,
        List<String> directives) {

    /** Asks for nothing. */
    public static final SlurmOptions NONE = new SlurmOptions(null, null, null, null, null, null, List.of());

    private static final Pattern OPTION = Pattern.compile("[a-z][a-z-]*(=.*)?");

    /** Copies. */
    public SlurmOptions {
        directives = List.copyOf(directives);
    }

    static @Nullable String directiveRule(String directive) {
        return OPTION.matcher(directive).matches()
                ? TextRules.directive(directive)
                : "the name of an sbatch option without hyphens before it, as in exclusive or core-spec=4";
    }
}
