package org.jlab.jiriaf.jrm.site;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern FORM = Pattern.compile("(?:([0-9]{1,6})-(?=[0-9]))?([0-9]{1,9}(?::[0-9]{1,9}){0,2})");
    private static final List<Long> UNIT_SECONDS = List.of(3600L, 60L, 1L);

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
     * Reads a time limit as {@code sbatch --time} does: {@code M}, {@code M:S}, {@code H:M:S}, {@code D-H}, {@code D-H:M} or
     * {@code D-H:M:S}. A part may be larger than the next unit, as in {@code 90}. Blank, {@code UNLIMITED} and {@code INFINITE}
     * mean that jrm sets no limit: the batch system is asked for none, so that its own default holds, and the JRM ends when
     * that is over.
     *
     * @param text the text
     * @return the limit
     * @throws IllegalArgumentException if the text has none of these forms, or the limit is not longer than {@link #MARGIN}
     * @see <a href="https://slurm.schedmd.com/sbatch.html#OPT_time">sbatch --time</a>
     */
    public static Walltime parse(String text) {
        String time = text.strip();
        if (time.isEmpty() || time.equalsIgnoreCase("UNLIMITED") || time.equalsIgnoreCase("INFINITE")) {
            return UNLIMITED;
        }
        Matcher matcher = FORM.matcher(time);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a Slurm time limit: '" + text
                    + "'; expected M, M:S, H:M:S, D-H, D-H:M or D-H:M:S, such as 00:30:00");
        }
        String days = matcher.group(1);
        long[] parts = Arrays.stream(matcher.group(2).split(":"))
                .mapToLong(Long::parseLong)
                .toArray();
        // With days the first part is hours; without, it is minutes unless there are three.
        int first = days != null || parts.length == 3 ? 0 : 1;
        Duration limit = days == null ? Duration.ZERO : Duration.ofDays(Long.parseLong(days));
        for (int i = 0; i < parts.length; i++) {
            limit = limit.plusSeconds(parts[i] * UNIT_SECONDS.get(first + i));
        }
        return new Walltime(limit);
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
        return String.format(Locale.ROOT, "%02d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
