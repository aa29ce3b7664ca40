package org.jlab.jiriaf.jrm.site;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long a batch job may run, in whole seconds, or no limit.
 *
 * @param limit the limit, longer than {@link #MARGIN}, or null for none
 */
public record Walltime(@Nullable Duration limit) {

    /**
     * How long before the batch system ends the job the JRM ends itself, so that the workflow can still report its end: 60
     * seconds.
     */
    public static final Duration MARGIN = Duration.ofSeconds(60);

    /** No limit, as on sites without a batch system. */
    public static final Walltime UNLIMITED = new Walltime(null);

    /** Checks. */
    public Walltime {
        if (limit != null && limit.compareTo(MARGIN) <= 0) {
            throw new IllegalArgumentException("A walltime must be longer than " + MARGIN.toSeconds()
                    + " s, because the JRM ends that much before the job: " + limit.toSeconds() + " s");
        }
        if (limit != null && limit.toNanosPart() != 0) {
            throw new IllegalArgumentException("A walltime must be whole seconds: " + limit);
        }
    }

    /**
     * Tells whether there is a limit.
     *
     * @return whether there is none
     */
    public boolean isUnlimited() {
        return limit == null;
    }

    /**
     * What the JRM gets as JIRIAF_WALLTIME.
     *
     * @return seconds until the JRM ends itself; 0 for no limit
     */
    public long jiriafSeconds() {
        return limit == null ? 0 : limit.minus(MARGIN).toSeconds();
    }

    /**
     * The limit in the one form that every Slurm and FireWorks takes, {@code HH:MM:SS} with as many hours as it needs.
     *
     * @return such as {@code 00:30:00} or {@code 36:00:00}
     * @throws IllegalStateException if there is no limit
     */
    public String toSlurm() {
        Duration time = Objects.requireNonNull(limit, "an unlimited walltime has no Slurm form");
        return String.format(
                java.util.Locale.ROOT, "%02d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
