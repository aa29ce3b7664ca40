package org.jlab.jiriaf.jrm.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A script with <code>{{name}}</code> in the places of values. Lines that begin with {@code ##} are for its reader and left
 * out; a line that holds nothing but the placeholder of an empty value is dropped. Values are put in once: what looks like a
 * placeholder inside a value stays. Immutable.
 */
final class ScriptTemplate {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([A-Za-z]+)}}");

    private final String name;
    private final String text;

    private ScriptTemplate(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /** Loads a template that lies beside this class. */
    static ScriptTemplate load(String name) {
        try (InputStream in = ScriptTemplate.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The template " + name + " is missing from jrm-core");
            }
            return of(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ScriptTemplate of(String name, String text) {
        return new ScriptTemplate(
                name, text.lines().filter(line -> !line.startsWith("##")).collect(Collectors.joining("\n", "", "\n")));
    }

    /**
     * Fills it in.
     *
     * @param values for each placeholder what goes there, quoted where it is a word; line breaks at its end are dropped
     * @throws IllegalStateException if a placeholder has no value or a value no placeholder
     */
    String fill(Map<String, String> values) {
        Set<String> used = new HashSet<>();
        StringBuilder script = new StringBuilder(text.length() * 2);
        text.lines().forEach(line -> fillLine(line, values, used, script));
        if (used.size() < values.size()) {
            throw new IllegalStateException("Template " + name + " has not all of " + values.keySet());
        }
        return script.toString();
    }

    private void fillLine(String line, Map<String, String> values, Set<String> used, StringBuilder script) {
        if (!line.contains("{{")) {
            script.append(line).append('\n');
            return;
        }
        Matcher matcher = PLACEHOLDER.matcher(line);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String value = values.get(matcher.group(1));
            if (value == null) {
                throw new IllegalStateException("Template " + name + " has no value for " + matcher.group());
            }
            used.add(matcher.group(1));
            matcher.appendReplacement(filled, Matcher.quoteReplacement(withoutLineBreakAtEnd(value)));
        }
        matcher.appendTail(filled);
        if (!filled.toString().isBlank()) {
            script.append(filled).append('\n');
        }
    }

    private static String withoutLineBreakAtEnd(String value) {
        return value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
    }
}
