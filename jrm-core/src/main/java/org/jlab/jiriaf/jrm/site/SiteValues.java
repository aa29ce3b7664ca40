package org.jlab.jiriaf.jrm.site;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes values out of {@link SiteFields} and notes what is wrong with them. */
final class SiteValues {

    /** Takes the place of a faulty value until all faults are found. */
    static final String STAND_IN = "faulty";

    // yes and no are what YAML 1.1 calls true and false.
    private static final List<String> FLAGS = List.of("true", "yes", "false", "no");

    /** Answers null for a text that fits, else what is expected. */
    @FunctionalInterface
    interface Rule {
        @Nullable
        String expected(String text);
    }

    private final SiteFields fields;

    SiteValues(SiteFields fields) {
        this.fields = fields;
    }

    int number(SiteKey key, int lowest, int highest, int otherwise) {
        String text = optional(key, value -> null);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= lowest && Integer.parseInt(text) <= highest) {
            return Integer.parseInt(text);
        }
        fields.fault(key, text, "will not do; expected " + key.expected);
        return otherwise;
    }

    String required(SiteKey key, Rule rule) {
        String text = optional(key, rule);
        if (text == null && !fields.isFaulty(key)) {
            fields.fault(key, null, "is missing; expected " + key.expected);
        }
        return text == null ? STAND_IN : text;
    }

    String text(SiteKey key, Rule rule, String otherwise) {
        String text = optional(key, rule);
        return text == null ? otherwise : text;
    }

    @Nullable
    String optional(SiteKey key, Rule rule) {
        List<String> values = fields.values(key);
        if (values.isEmpty() || fields.isFaulty(key)) {
            return null;
        }
        check(key, values.get(0), rule);
        return fields.isFaulty(key) ? null : values.get(0);
    }

    void check(SiteKey key, String value, Rule rule) {
        String expected = rule.expected(value);
        if (expected != null && !fields.isFaulty(key)) {
            fields.fault(key, value, "cannot be used; expected " + expected);
        }
    }

    /** The items of a list whose items may hold blanks. */
    List<String> lines(SiteKey key, Rule rule) {
        List<String> lines = fields.isFaulty(key) ? List.of() : fields.values(key);
        lines.forEach(line -> check(key, line, rule));
        return lines;
    }

    boolean flag(SiteKey key, boolean otherwise) {
        String text = optional(key, value -> FLAGS.contains(value.toLowerCase(Locale.ROOT)) ? null : "true or false");
        return text == null ? otherwise : FLAGS.indexOf(text.toLowerCase(Locale.ROOT)) < 2;
    }

    /** One of the names of an enum, which a site file has in lower case with hyphens. */
    <E extends Enum<E>> E choice(SiteKey key, Class<E> type, E otherwise) {
        String text = optional(key, value -> null);
        if (text == null) {
            return otherwise;
        }
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        fields.fault(
                key,
                text,
                "is unknown; expected one of "
                        + Stream.of(type.getEnumConstants())
                                .map(SiteValues::word)
                                .collect(Collectors.joining(", ")));
        return otherwise;
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The items of a list, which may also be written as one text, separated by blanks or commas. */
    List<String> items(SiteKey key) {
        return fields.isFaulty(key)
                ? List.of()
                : fields.values(key).stream()
                        .flatMap(value -> Stream.of(value.split("[\\s,]+")))
                        .filter(item -> !item.isEmpty())
                        .toList();
    }
}
