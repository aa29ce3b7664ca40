package org.jlab.jiriaf.jrm.script;

/**
 * Whether Python's {@code string.Formatter} can parse a text. FireWorks looks for the keys of a template with it, and submits no
 * job if it fails, although the braces of a shell script mean nothing to it.
 *
 * @see <a href="https://docs.python.org/3/library/string.html#format-string-syntax">Python: format string syntax</a>
 */
final class FormatFields {

    private static final int NONE = -1;

    private final String text;

    private FormatFields(String text) {
        this.text = text;
    }

    /** Offset of the first brace that has no partner as Python sees it, or -1. */
    static int unmatchedBrace(String text) {
        return new FormatFields(text).unmatchedBrace();
    }

    private int unmatchedBrace() {
        int at = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            if (character != '{' && character != '}') {
                at++;
            } else if (at + 1 < text.length() && text.charAt(at + 1) == character) {
                at += 2;
            } else {
                int end = character == '{' ? endOfField(at + 1) : NONE;
                if (end == NONE) {
                    return at;
                }
                at = end;
            }
        }
        return NONE;
    }

    private int endOfField(int start) {
        int at = start;
        while (at < text.length()) {
            switch (text.charAt(at++)) {
                case '{' -> {
                    return NONE;
                }
                case '}' -> {
                    return at;
                }
                case ':' -> {
                    return endOfFormat(at);
                }
                case '!' -> {
                    return endOfConversion(at);
                }
                case '[' -> {
                    int index = text.indexOf(']', at);
                    at = index == NONE ? text.length() : index;
                }
                default -> {}
            }
        }
        return NONE;
    }

    private int endOfConversion(int start) {
        if (start >= text.length()) {
            return NONE;
        }
        int at = start + Character.charCount(text.codePointAt(start));
        if (at >= text.length()) {
            return NONE;
        }
        return switch (text.charAt(at)) {
            case '}' -> at + 1;
            case ':' -> endOfFormat(at + 1);
            default -> NONE;
        };
    }

    private int endOfFormat(int start) {
        int open = 1;
        for (int at = start; at < text.length(); at++) {
            char character = text.charAt(at);
            open += character == '{' ? 1 : character == '}' ? -1 : 0;
            if (open == 0) {
                return at + 1;
            }
        }
        return NONE;
    }
}
