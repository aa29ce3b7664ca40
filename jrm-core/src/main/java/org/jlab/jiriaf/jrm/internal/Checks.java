package org.jlab.jiriaf.jrm.internal;

/** Argument checks with uniform messages. Not API. */
public final class Checks {

    private Checks() {}

    /**
     * Checks a TCP port number.
     *
     * @param port the number
     * @param name what the number is, for the message
     * @return the number
     */
    public static int port(int port, String name) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(name + " must be a port between 1 and 65535, not " + port);
        }
        return port;
    }

    /**
     * Checks that a text is there and not blank.
     *
     * @param text the text
     * @param name what the text is, for the message
     * @return the text
     */
    public static String notBlank(String text, String name) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(name + " must not be blank");
        }
        return text;
    }

    /**
     * Checks a count or size.
     *
     * @param number the number
     * @param name what the number is, for the message
     * @return the number
     */
    public static int positive(int number, String name) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, not " + number);
        }
        return number;
    }
}
