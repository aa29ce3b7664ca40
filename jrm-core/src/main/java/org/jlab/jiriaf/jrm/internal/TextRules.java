package org.jlab.jiriaf.jrm.internal;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a text has to look like to arrive unharmed where it goes: a shell script, an {@code #SBATCH} line, a Kubernetes name.
 * Each rule answers null for a text that fits, else what is expected of it. Not API.
 */
public final class TextRules {

    /** How long the name of a Kubernetes node may be: it is also the value of its {@code kubernetes.io/hostname} label. */
    public static final int MAX_LABEL = 63;

    /** What follows the prefix in the name of a node: a hyphen and 8 hexadecimal digits. */
    public static final int NODE_SUFFIX = 9;

    // sbatch splits a directive line at blanks, reads quotes and backslashes itself and takes # for a comment; $ is
    // left out
    // because FireWorks drops every line of a queue script that holds $$.
    private static final Pattern DIRECTIVE = Pattern.compile("[A-Za-z0-9_.,:;=+@%/&|*()\\[\\]{}!~^?<>-]+");
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
    private static final Pattern NODE_NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final Pattern NODE_PREFIX = Pattern.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z0-9][a-z0-9-]*");
    private static final Pattern DESTINATION =
            Pattern.compile("([A-Za-z0-9_][A-Za-z0-9._+-]*@)?[A-Za-z0-9\\[][A-Za-z0-9._:%\\]-]*");

    private static final Pattern LINE_BREAKS = Pattern.compile("\\s*\\R\\s*");
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Cc}\\u2028\\u2029]+");
    private static final Pattern ESCAPES = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

    private TextRules() {}

    /**
     * A text that stays on one line.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String oneLine(String text) {
        return text.codePoints().noneMatch(TextRules::isUnprintable) ? null : "one line without control characters";
    }

    /** Control characters, those that change the direction of text or join lines unseen, and halves of pairs. */
    private static boolean isUnprintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /**
     * Makes a text safe to show in a line of a terminal, a log, a table or a page: each character that {@link #oneLine} refuses
     * becomes {@code ?}.
     *
     * @param text the text, of any origin
     * @return the text on one line
     */
    public static String printable(String text) {
        if (text.codePoints().noneMatch(TextRules::isUnprintable)) {
            return text;
        }
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().forEach(c -> line.appendCodePoint(isUnprintable(c) ? '?' : c));
        return line.toString();
    }

    /**
     * The end of the output of a program, on one line: without colours, with blanks for line breaks and control characters.
     *
     * @param output the output
     * @param max how many characters to keep; an ellipsis tells that more came before
     * @return the end of it
     */
    public static String lastWords(String output, int max) {
        String line = printable(BLANKS.matcher(ESCAPES.matcher(output).replaceAll(""))
                .replaceAll(" ")
                .strip());
        if (line.length() <= max) {
            return line;
        }
        int begin = line.length() - max;
        return '\u2026' + line.substring(Character.isLowSurrogate(line.charAt(begin)) ? begin + 1 : begin);
    }

    /**
     * Makes a text fit {@link #oneLine}: line breaks become {@code "; "}, other characters that it refuses become {@code ?}.
     *
     * @param text the text, of any length
     * @param max how many characters (UTF-16 units) to keep; a longer text ends in an ellipsis
     * @return the text, without blanks at its ends
     */
    public static String toOneLine(String text, int max) {
        String line = printable(LINE_BREAKS.matcher(text.strip()).replaceAll("; "));
        if (line.length() <= max) {
            return line;
        }
        int end = Character.isHighSurrogate(line.charAt(max - 2)) ? max - 2 : max - 1;
        return line.substring(0, end) + '\u2026';
    }

    /**
     * The value of an {@code #SBATCH} option, which sbatch reads before any shell does, so that no quoting can protect it.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String directive(String text) {
        return DIRECTIVE.matcher(text).matches()
                ? null
                : "ASCII letters, digits and punctuation without blanks, quotes, backslash, # and $, because sbatch reads it"
                        + " from a comment line";
    }

    /**
     * A line of a queue script that FireWorks makes.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String queueLine(String text) {
        return text.contains("$$") ? "no $$, because FireWorks drops the line" : oneLine(text);
    }

    /**
     * A Kubernetes label value that is not empty.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String label(String text) {
        return text.length() <= MAX_LABEL && LABEL.matcher(text).matches()
                ? null
                : "a Kubernetes label value: at most 63 ASCII letters, digits, '-', '_' and '.', a letter or digit at both"
                        + " ends";
    }

    /**
     * The name of a Kubernetes node: an RFC 1123 subdomain, here of at most 63 characters.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String nodeName(String text) {
        return text.length() <= MAX_LABEL && NODE_NAME.matcher(text).matches()
                ? null
                : "a Kubernetes node name: at most 63 lower-case ASCII letters, digits, '-' and '.', a letter or digit at"
                        + " both ends";
    }

    /**
     * A text that gives the name of a Kubernetes node when a hyphen and 8 hexadecimal digits follow it.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String nodePrefix(String text) {
        return text.length() <= MAX_LABEL - NODE_SUFFIX
                        && NODE_PREFIX.matcher(text).matches()
                ? null
                : "the beginning of Kubernetes node names: at most " + (MAX_LABEL - NODE_SUFFIX)
                        + " lower-case ASCII letters, digits, '-' and '.', a letter or digit first";
    }

    /**
     * Where {@code ssh} can be told to go: {@code [user@]host[:port]}, or an alias.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String destination(String text) {
        return DESTINATION.matcher(text).matches() ? null : "[user@]host[:port], or an alias of the SSH configuration";
    }

    /**
     * A word that no program takes for an option.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String argument(String text) {
        return text.startsWith("-") ? "no hyphen at its beginning" : oneLine(text);
    }

    /**
     * An absolute path on a Unix host.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String absolutePath(String text) {
        return text.startsWith("/") ? oneLine(text) : "an absolute path";
    }

    /**
     * An IPv4 or IPv6 address; names are not looked up.
     *
     * @param text the text
     * @return null, or what is expected
     */
    public static @Nullable String address(String text) {
        return isIpv4(text) || isIpv6(text) ? null : "an IP address such as 172.17.0.1";
    }

    private static boolean isIpv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    // The standard library reads an address only together with names, which it would look up.
    private static boolean isIpv6(String text) {
        if (!text.matches("[0-9A-Fa-f:]+")) {
            return false;
        }
        int gap = text.indexOf("::");
        if (gap != text.lastIndexOf("::") || text.matches(":[^:].*|.*[^:]:")) {
            return false;
        }
        int groups = 0;
        for (String group : text.split(":", -1)) {
            if (group.length() > 4) {
                return false;
            }
            groups += group.isEmpty() ? 0 : 1;
        }
        return gap < 0 ? groups == 8 : groups < 8 && !text.contains(":::");
    }
}
