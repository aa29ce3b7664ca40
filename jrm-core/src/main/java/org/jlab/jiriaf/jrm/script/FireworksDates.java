package org.jlab.jiriaf.jrm.script;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which texts FireWorks 1.9.7 takes for dates. FireWorks 2.x takes more of them, and keeps their zones. */
final class FireworksDates {

    /** A plain scalar of YAML. */
    static final Pattern TIMESTAMP = Pattern.compile(
            "(\\d{4})-(\\d\\d?)-(\\d\\d?)"
                    + "(?:(?:[Tt]|[ \\t]+)(\\d\\d?):(\\d\\d):(\\d\\d)(?:\\.(\\d*))?(?:[ \\t]*(?:Z|([-+])(\\d\\d?)(?::(\\d\\d))?))?)?");

    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");
    private static final Pattern IN_QUOTES =
            Pattern.compile("(\\d{4})-(\\d\\d?)-(\\d\\d?)[Tt](\\d\\d?):(\\d\\d?):(\\d\\d?)(?:\\.(\\d{1,6}))?");
    private static final int MICROSECOND_DIGITS = 6;

    private FireworksDates() {}

    static boolean isTimestamp(String scalar) {
        Matcher matcher = TIMESTAMP.matcher(scalar);
        return matcher.matches()
                && (matcher.group(4) != null || DAY.matcher(scalar).matches());
    }

    /**
     * The date of a scalar.
     *
     * @return a LocalDate, or a LocalDateTime in UTC
     * @throws DateTimeException if there is no such day or time
     */
    static Object timestamp(String scalar) {
        Matcher matcher = TIMESTAMP.matcher(scalar);
        if (!matcher.matches()) {
            throw new DateTimeException("no timestamp");
        } else if (matcher.group(4) == null) {
            return LocalDate.of(year(matcher), number(matcher, 2), number(matcher, 3));
        }
        LocalDateTime local = time(matcher);
        if (matcher.group(8) == null) {
            return local;
        }
        Duration offset = Duration.ofHours(number(matcher, 9)).plusMinutes(number(matcher, 10));
        return matcher.group(8).equals("-") ? local.plus(offset) : local.minus(offset);
    }

    /** The LocalDateTime that FireWorks makes of a text, in a file or in {@code spec}; else the text. */
    static Object reconstituted(String text) {
        Matcher matcher = IN_QUOTES.matcher(text);
        if (!matcher.matches()) {
            return text;
        }
        try {
            return time(matcher);
        } catch (DateTimeException e) {
            return text;
        }
    }

    private static LocalDateTime time(Matcher matcher) {
        LocalDateTime whole = LocalDateTime.of(
                year(matcher),
                number(matcher, 2),
                number(matcher, 3),
                number(matcher, 4),
                number(matcher, 5),
                number(matcher, 6));
        String fraction = matcher.group(7) == null ? "" : matcher.group(7);
        String digits = (fraction + "000000").substring(0, MICROSECOND_DIGITS);
        boolean roundUp = fraction.length() > MICROSECOND_DIGITS && fraction.charAt(MICROSECOND_DIGITS) > '4';
        return whole.plusNanos((Integer.parseInt(digits) + (roundUp ? 1 : 0)) * 1000L);
    }

    private static int year(Matcher matcher) {
        int year = number(matcher, 1);
        if (year == 0) {
            throw new DateTimeException("Python has no year 0");
        }
        return year;
    }

    private static int number(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Integer.parseInt(matcher.group(group));
    }
}
