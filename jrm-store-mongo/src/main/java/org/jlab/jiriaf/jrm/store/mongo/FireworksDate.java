package org.jlab.jiriaf.jrm.store.mongo;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Dates as FireWorks keeps them: texts in UTC without a zone in {@code fireworks} and {@code launches}, BSON dates in
 * {@code workflows}. FireWorks 1.9.7 cannot subtract a date with an offset and dies; FireWorks since 2.0.7 writes
 * {@code +00:00} itself.
 */
final class FireworksDate {

    /** Always six digits: Python leaves the fraction out when it is zero, and reads both. */
    private static final DateTimeFormatter TEXT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private FireworksDate() {}

    static String text(Instant instant) {
        return TEXT.format(instant);
    }

    static Date date(Instant instant) {
        return Date.from(instant.truncatedTo(ChronoUnit.MILLIS));
    }

    /** Reads any form that FireWorks or another tool may have left; null for what is no date. */
    static @Nullable Instant read(@Nullable Object value) {
        if (value instanceof Date date) {
            return date.toInstant();
        }
        if (!(value instanceof String text)) {
            return null;
        }
        try {
            TemporalAccessor parsed =
                    DateTimeFormatter.ISO_DATE_TIME.parse(text.trim().replace(' ', 'T'));
            return parsed.isSupported(ChronoField.INSTANT_SECONDS)
                    ? Instant.from(parsed)
                    : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return null;
        }
    }

    static double secondsBetween(Instant from, Instant to) {
        return ChronoUnit.MICROS.between(from, to) / 1e6;
    }
}
