package org.jlab.jiriaf.jrm.site;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The texts of a site configuration, as yet unread, and the faults found so far. */
final class SiteFields {

    /**
     * What stands under one key.
     *
     * @param place how a message names it
     * @param values one text, or the items of a list; blank ones left out
     */
    record Field(String place, List<String> values) {

        Field {
            values = values.stream()
                    .map(String::strip)
                    .filter(value -> !value.isEmpty())
                    .toList();
        }
    }

    private final Map<SiteKey, Field> fields = new EnumMap<>(SiteKey.class);
    private final List<String> faults = new ArrayList<>();
    private final Set<SiteKey> faulty = EnumSet.noneOf(SiteKey.class);
    private final boolean environment;

    private SiteFields(boolean environment) {
        this.environment = environment;
    }

    static SiteFields ofFile() {
        return new SiteFields(false);
    }

    static SiteFields of(Map<String, String> environment) {
        SiteFields fields = new SiteFields(true);
        for (SiteKey key : SiteKey.values()) {
            String value = environment.get(key.variable);
            if (!key.variable.isEmpty() && value != null) {
                fields.put(key, new Field(key.variable, List.of(value)));
            }
        }
        return fields;
    }

    void put(SiteKey key, Field field) {
        fields.put(key, field);
    }

    /** The texts under a key; empty if it is blank or absent. */
    List<String> values(SiteKey key) {
        Field field = fields.get(key);
        return field == null ? List.of() : field.values();
    }

    /** Says that a value does not do. The value of a secret is not repeated. */
    void fault(SiteKey key, @Nullable String value, String problem) {
        String shown = value == null ? "" : key.isSecret() ? "the value " : "'" + visible(value) + "' ";
        fault(place(key) + ": " + shown + problem);
        faulty.add(key);
    }

    /** Whether a fault of this key has been found. */
    boolean isFaulty(SiteKey key) {
        return faulty.contains(key);
    }

    void fault(String fault) {
        faults.add(fault);
    }

    List<String> faults() {
        return faults;
    }

    private String place(SiteKey key) {
        Field field = fields.get(key);
        if (field != null) {
            return field.place();
        }
        return environment && !key.variable.isEmpty() ? key.variable : key.path();
    }

    /** A value as a message can hold it, on one line. */
    static String visible(String value) {
        StringBuilder text = new StringBuilder();
        value.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                text.append(c == '\n' ? "\\n" : String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }
}
