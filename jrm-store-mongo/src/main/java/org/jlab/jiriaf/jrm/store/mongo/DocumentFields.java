package org.jlab.jiriaf.jrm.store.mongo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Reads fields that anybody may have written: ids as int32, int64, double or text, a list or a single value, something else
 * altogether. What cannot be understood is null or empty, never an exception.
 */
final class DocumentFields {

    private DocumentFields() {}

    static @Nullable Object at(@Nullable Document document, String... path) {
        Object value = document;
        for (String key : path) {
            value = value instanceof Document inner ? inner.get(key) : null;
        }
        return value;
    }

    static @Nullable Document document(@Nullable Object value) {
        return value instanceof Document document ? document : null;
    }

    static @Nullable String text(@Nullable Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean ? value.toString() : null;
    }

    static String text(@Nullable Object value, String otherwise) {
        String text = text(value);
        return text == null ? otherwise : text;
    }

    static @Nullable Integer integer(@Nullable Object value) {
        if (value instanceof Integer number) {
            return number;
        }
        if (value instanceof Number number) {
            return number.longValue() == number.doubleValue() && number.longValue() == number.intValue()
                    ? (Integer) number.intValue()
                    : null;
        }
        if (value instanceof String text) {
            try {
                return Integer.valueOf(text.trim());
            } catch (NumberFormatException e) {
                return null;
            }
        }
        return null;
    }

    static List<?> list(@Nullable Object value) {
        return elements(value, element -> element);
    }

    static List<Integer> integers(@Nullable Object value) {
        return elements(value, DocumentFields::integer);
    }

    static List<String> texts(@Nullable Object value) {
        return elements(value, DocumentFields::text);
    }

    static List<Document> documents(@Nullable Object value) {
        return elements(value, DocumentFields::document);
    }

    /** Without a stream: lists of 10,000 workflows have some 100,000 of these. */
    private static <T> List<T> elements(@Nullable Object value, Function<Object, @Nullable T> read) {
        if (!(value instanceof Collection<?> values) || values.isEmpty()) {
            return List.of();
        }
        List<T> elements = new ArrayList<>(values.size());
        for (Object element : values) {
            T understood = element == null ? null : read.apply(element);
            if (understood != null) {
                elements.add(understood);
            }
        }
        return Collections.unmodifiableList(elements);
    }
}
