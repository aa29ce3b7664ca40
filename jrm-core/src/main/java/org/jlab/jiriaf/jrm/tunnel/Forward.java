package org.jlab.jiriaf.jrm.tunnel;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One port forward of an SSH connection, as {@code ssh -L} and {@code ssh -R} mean it. Two forwards that are equal are the
 * same forward: opening it again on a connection shares it.
 *
 * @param direction which end listens
 * @param bind where it listens: on this host for {@link Direction#LOCAL}, on the login node for
 *     {@link Direction#REMOTE}
 * @param target where connections go: from the login node for {@link Direction#LOCAL}, from this host for
 *     {@link Direction#REMOTE}
 */
public record Forward(Direction direction, Endpoint bind, Endpoint target) {

    private static final Pattern TEXT =
            Pattern.compile("-([LR]) (\\[[^]]+]|[^:\\s]+):(\\d{1,5}):(\\[[^]]+]|[^:\\s]+):(\\d{1,5})");

    /** Which end of the SSH connection listens. */
    public enum Direction {
        /** This host listens, {@code ssh -L}. */
        LOCAL,
        /** The login node listens, {@code ssh -R}. */
        REMOTE
    }

    /** Checks. */
    public Forward {
        Objects.requireNonNull(direction, "direction");
        Objects.requireNonNull(bind, "bind");
        Objects.requireNonNull(target, "target");
    }

    /**
     * A forward that listens on this host.
     *
     * @param bind where to listen here
     * @param target where the login node connects to
     * @return the forward
     */
    public static Forward local(Endpoint bind, Endpoint target) {
        return new Forward(Direction.LOCAL, bind, target);
    }

    /**
     * A forward that listens on the login node.
     *
     * @param bind where to listen there
     * @param target where this host connects to
     * @return the forward
     */
    public static Forward remote(Endpoint bind, Endpoint target) {
        return new Forward(Direction.REMOTE, bind, target);
    }

    /**
     * Reads what {@link #toString()} prints.
     *
     * @param text such as {@code -L *:10001:localhost:10001}; IPv6 addresses in brackets
     * @return the forward
     * @throws IllegalArgumentException if the text is none
     */
    public static Forward parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a forward: '" + text + "'; expected -L or -R BIND:PORT:HOST:PORT");
        }
        return new Forward(
                matcher.group(1).equals("L") ? Direction.LOCAL : Direction.REMOTE,
                endpoint(matcher.group(2), matcher.group(3)),
                endpoint(matcher.group(4), matcher.group(5)));
    }

    private static Endpoint endpoint(String host, String port) {
        boolean bracketed = host.startsWith("[");
        return new Endpoint(bracketed ? host.substring(1, host.length() - 1) : host, Integer.parseInt(port));
    }

    /** Prints the forward as {@code ssh} would take it, such as {@code -L *:10001:localhost:10001}. */
    @Override
    public String toString() {
        return (direction == Direction.LOCAL ? "-L " : "-R ") + bind + ":" + target;
    }
}
