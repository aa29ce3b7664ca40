package org.jlab.jiriaf.jrm.script;

import org.jlab.jiriaf.jrm.site.SlurmOptions;
import org.jspecify.annotations.Nullable;

/**
 * The {@code #SBATCH} lines of a batch script. sbatch reads them before any shell does, so values are not quoted; {@link
 * JobChecks} has refused those that would need it.
 */
final class SlurmDirectives {

    private final StringBuilder lines = new StringBuilder();

    /** Adds {@code --option=value}, or nothing if the value is null. */
    SlurmDirectives add(String option, @Nullable Object value) {
        if (value != null) {
            lines.append("#SBATCH --").append(option).append('=').append(value).append('\n');
        }
        return this;
    }

    /** Adds what a job asks for beyond what FireWorks' template has a place for. */
    SlurmDirectives add(SlurmOptions options) {
        add("partition", options.partition());
        add("gpus-per-node", options.gpusPerNode());
        add("licenses", options.licenses());
        add("mail-user", options.mailUser());
        add("mail-type", options.mailType());
        add("signal", options.signal());
        options.directives()
                .forEach(directive ->
                        lines.append("#SBATCH --").append(directive).append('\n'));
        return this;
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
