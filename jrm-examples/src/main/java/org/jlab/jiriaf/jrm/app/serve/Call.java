package org.jlab.jiriaf.jrm.app.serve;

import static java.util.stream.Collectors.joining;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * One request, as an operation sees it.
 *
 * @param path values of the parameters in the path
 * @param query parameters of the query
 * @param headers headers
 * @param body the body, empty if there is none
 */
record Call(Map<String, String> path, MultiMap query, MultiMap headers, Buffer body) {

    /** A whole number in the path. */
    int number(String name, int least, int most) {
        return number(name, String.valueOf(path.get(name)), least, most);
    }

    /** A whole number in the query, or a default. */
    int numberOr(String name, int least, int most, int otherwise) {
        String value = single(name);
        return value == null ? otherwise : number(name, value, least, most);
    }

    /** One of some words in the query; the first if it is not given. */
    String choice(String name, List<String> words) {
        String value = single(name);
        if (value == null) {
            return words.get(0);
        }
        if (!words.contains(value)) {
            throw new Problem(400, name + " must be one of " + String.join(", ", words) + ", not '" + value + "'");
        }
        return value;
    }

    private @Nullable String single(String name) {
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            throw new Problem(400, name + " is given " + values.size() + " times; give it once");
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private static int number(String name, String value, int least, int most) {
        try {
            if (value.matches("-?[0-9]{1,18}")) {
                long number = Long.parseLong(value);
                if (number >= least && number <= most) {
                    return (int) number;
                }
            }
        } catch (NumberFormatException e) {
            // Falls through to the message.
        }
        throw new Problem(
                400, name + " must be a whole number from " + least + " to " + most + ", not '" + value + "'");
    }

    /** Media type of the body, without parameters; empty if it is not given. */
    static String mediaType(@Nullable String contentType) {
        return contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** The body as text. */
    String text() {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body.getBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Problem(400, "The body is not UTF-8");
        }
    }

    /** The body as JSON of a certain form. */
    <T> T json(Class<T> form) {
        try {
            T value = Json.MAPPER.readValue(text(), form);
            if (value == null) {
                throw new Problem(400, "The body must be a JSON object, not null");
            }
            return value;
        } catch (JacksonException e) {
            throw new Problem(400, "The body is not the JSON that is expected: " + fault(e));
        }
    }

    /** In the words of whoever wrote the JSON; the library's are those of the classes here. */
    private static String fault(JacksonException e) {
        String where = path(e);
        if (e instanceof UnrecognizedPropertyException unknown) {
            return where + " is unknown; known there: "
                    + unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .collect(joining(", "));
        }
        if (e instanceof ValueInstantiationException && e.getCause() != null) {
            return String.valueOf(e.getCause().getMessage());
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return (where.isEmpty() ? "it" : where) + " must be " + form(mismatch.getTargetType());
        }
        return e.getOriginalMessage();
    }

    private static String path(JacksonException e) {
        return e.getPath().stream()
                .map(step ->
                        step.getPropertyName() == null ? "[" + step.getIndex() + "]" : "." + step.getPropertyName())
                .collect(joining())
                .replaceFirst("^\\.", "");
    }

    private static String form(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + Json.MAPPER.writeValueAsString(type.getEnumConstants());
        }
        if (type == String.class) {
            return "a text";
        }
        if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
            return "a whole number";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }
}
