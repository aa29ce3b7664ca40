package org.jlab.jiriaf.jrm.batch;

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

    @Override
    public String toString() {
        return lines.toString();
    }
}
