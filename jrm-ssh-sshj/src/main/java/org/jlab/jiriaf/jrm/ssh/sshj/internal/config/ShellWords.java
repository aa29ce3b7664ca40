package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The words of a simple shell command: quotes are taken off; anything that a shell would expand or run makes it not simple. */
final class ShellWords {

    private static final String META = "|&;<>()$`*?[]{}#!=\n";

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private ShellWords(String text) {
        this.text = text;
    }

    /** Splits; empty if only a shell can tell what the text means. */
    static Optional<List<String>> of(String text) {
        ShellWords words = new ShellWords(text);
        return words.split() ? Optional.of(words.words) : Optional.empty();
    }

    private boolean split() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == ' ' || c == '\t') {
                endWord();
            } else if (!take(c)) {
                return false;
            }
        }
        endWord();
        return true;
    }

    private boolean take(char c) {
        boolean start = !inWord;
        inWord = true;
        if (c == '\'') {
            return quoted('\'');
        } else if (c == '"') {
            return quoted('"');
        } else if (c == '\\') {
            if (at == text.length()) {
                return false;
            }
            word.append(text.charAt(at++));
            return true;
        } else if (c == '~' && start) {
            word.append(System.getProperty("user.home"));
            return at == text.length() || text.charAt(at) == '/' || text.charAt(at) == ' ';
        } else if (c == '=' ? words.isEmpty() : unquotedMeta(c)) {
            return false;
        }
        word.append(c);
        return true;
    }

    private boolean unquotedMeta(char c) {
        // Brackets around an address are no pattern that a file name could match: -W [%h]:%p is usual.
        boolean address = (c == '[' || c == ']') && text.indexOf("]:", at - 1) >= 0;
        return META.indexOf(c) >= 0 && !address;
    }

    private boolean quoted(char quote) {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) {
                return true;
            }
            if (quote == '"' && (c == '$' || c == '`')) {
                return false;
            }
            if (quote == '"' && c == '\\' && at < text.length() && "\"\\$`".indexOf(text.charAt(at)) >= 0) {
                c = text.charAt(at++);
            }
            word.append(c);
        }
        return false;
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }
}
