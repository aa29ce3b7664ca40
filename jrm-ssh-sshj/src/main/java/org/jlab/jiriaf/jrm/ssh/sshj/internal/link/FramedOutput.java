package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.nio.charset.StandardCharsets;

/** What a script prints on one of its streams, between two marks; the rest is the login shell's. Not thread-safe. */
final class FramedOutput {

    private static final int CODE_DIGITS = 3;

    private final String begin;
    private final String end;
    private final StringBuilder printed = new StringBuilder(); // one character for each byte
    private int start = -1;
    private int stop = -1;
    private int searched;

    /**
     * Makes an empty one.
     *
     * @param begin what is printed before the script's output
     * @param end what is printed behind it, after three digits that are its exit code
     */
    FramedOutput(String begin, String end) {
        this.begin = begin;
        this.end = end;
    }

    void add(byte[] data, int offset, int length) {
        printed.append(new String(data, offset, length, StandardCharsets.ISO_8859_1));
        if (start < 0 && find(begin)) {
            start = searched + begin.length();
        }
        if (start >= 0 && stop < 0 && find(end)) {
            stop = searched - CODE_DIGITS;
        }
    }

    /** Whether a mark is there; then it is at {@code searched}. */
    private boolean find(String mark) {
        int found = printed.indexOf(mark, searched);
        searched = found >= 0 ? found : Math.max(searched, printed.length() - mark.length() + 1);
        return found >= 0;
    }

    boolean isComplete() {
        return stop >= start && start >= 0;
    }

    boolean contains(String text) {
        return printed.indexOf(text) >= 0;
    }

    /** How much of it has to be kept: what is between the marks, or everything as long as there is no first one. */
    int size() {
        return isComplete() ? stop - start : printed.length() - Math.max(0, start);
    }

    /** What is between the marks, as far as it has arrived. */
    String content() {
        return start < 0 ? "" : utf8(printed.substring(start, isComplete() ? stop : printed.length()));
    }

    /** The exit code of a complete one. */
    int exitCode() {
        return Integer.parseInt(printed.substring(stop, stop + CODE_DIGITS));
    }

    /** What was printed without a script's having begun. */
    String noise() {
        return start < 0 ? utf8(printed.toString()) : "";
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
