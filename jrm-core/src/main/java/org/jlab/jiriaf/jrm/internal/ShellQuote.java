package org.jlab.jiriaf.jrm.internal;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The one place where a value becomes part of a shell command. */
public final class ShellQuote {

    // No '=': NAME=value in front of a command is an assignment, not a word. No '~': it may be expanded.
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_@%+:,./-]+");

    private ShellQuote() {}

    /**
     * Quotes a value so that every POSIX shell reads it as exactly one word with exactly these characters, and expands
     * nothing in it. A value of harmless characters only is left as it is.
     *
     * @param value any text without NUL
     * @return the word
     * @throws IllegalArgumentException if the value holds a NUL character, which no shell can carry
     */
    public static String quote(String value) {
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("A shell word cannot hold a NUL character");
        }
        if (HARMLESS.matcher(value).matches()) {
            return value;
        }
        return "'" + value.replace("'", "'\\''") + "'";
    }

    /**
     * Quotes words and joins them with blanks.
     *
     * @param words the words of a command
     * @return the command line
     */
    public static String join(Collection<String> words) {
        return words.stream().map(ShellQuote::quote).collect(Collectors.joining(" "));
    }
}
