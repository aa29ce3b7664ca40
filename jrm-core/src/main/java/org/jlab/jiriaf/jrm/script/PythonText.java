package org.jlab.jiriaf.jrm.script;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values as Python prints them: null, text, Boolean, Integer, BigInteger, Double, dates, lists and maps.
 *
 * @see <a href="https://docs.python.org/3/library/stdtypes.html#str">Python: str</a>
 */
final class PythonText {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter TIME_WITH_FRACTION =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final int MOST_DIGITS_OF_A_DOUBLE = 17;

    private PythonText() {}

    /** {@code str(value)}. */
    static String str(@Nullable Object value) {
        if (value instanceof LocalDateTime time) {
            return time.format(micros(time) == 0 ? TIME : TIME_WITH_FRACTION);
        }
        return value instanceof LocalDate || value instanceof String ? value.toString() : repr(value);
    }

    /** {@code repr(value)}: what a value looks like within a list. */
    static String repr(@Nullable Object value) {
        if (value == null) {
            return "None";
        } else if (value instanceof Boolean truth) {
            return truth ? "True" : "False";
        } else if (value instanceof Double number) {
            return repr(number.doubleValue());
        } else if (value instanceof String text) {
            return quoted(text);
        } else if (value instanceof LocalDateTime time) {
            return repr(time);
        } else if (value instanceof LocalDate date) {
            return "datetime.date(" + date.getYear() + ", " + date.getMonthValue() + ", " + date.getDayOfMonth() + ")";
        } else if (value instanceof List<?> list) {
            return list.stream().map(PythonText::repr).collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value.toString();
    }

    /** The fewest digits that make the same number again; Double.toString has more of them on Java before 19. */
    private static String repr(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        } else if (Double.isInfinite(number)) {
            return number < 0 ? "-inf" : "inf";
        } else if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(number);
        for (int digits = 1; digits < MOST_DIGITS_OF_A_DOUBLE; digits++) {
            // At a power of two the nearest decimal may belong to another number, and the one beyond to this.
            for (RoundingMode rounding : List.of(RoundingMode.HALF_EVEN, RoundingMode.UP)) {
                BigDecimal rounded = exact.round(new MathContext(digits, rounding));
                if (rounded.doubleValue() == number) {
                    return decimal(rounded.stripTrailingZeros());
                }
            }
        }
        return decimal(exact.round(new MathContext(MOST_DIGITS_OF_A_DOUBLE, RoundingMode.HALF_EVEN)));
    }

    private static String decimal(BigDecimal number) {
        int exponent = number.precision() - number.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = number.toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String mantissa = number.scaleByPowerOfTen(-exponent).toPlainString();
        return mantissa + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String repr(LocalDateTime time) {
        int micros = micros(time);
        String seconds = time.getSecond() == 0 && micros == 0 ? "" : ", " + time.getSecond();
        return "datetime.datetime(" + time.getYear() + ", " + time.getMonthValue() + ", " + time.getDayOfMonth() + ", "
                + time.getHour() + ", " + time.getMinute() + seconds + (micros == 0 ? "" : ", " + micros) + ")";
    }

    private static int micros(LocalDateTime time) {
        return time.get(ChronoField.MICRO_OF_SECOND);
    }

    private static String quoted(String text) {
        String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
        return text.codePoints()
                .mapToObj(character -> escaped(character, quote))
                .collect(Collectors.joining("", quote, quote));
    }

    private static String escaped(int character, String quote) {
        String text = Character.toString(character);
        return switch (character) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> text.equals(quote) ? "\\" + text : isPrintable(character) ? text : numbered(character);
        };
    }

    private static String numbered(int character) {
        String form = character < 0x100 ? "\\x%02x" : character < 0x10000 ? "\\u%04x" : "\\U%08x";
        return String.format(Locale.ROOT, form, character);
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }
}
