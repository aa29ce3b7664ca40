package org.jlab.jiriaf.jrm.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.SshHop;

/**
 * What the arguments of {@code ssh} ask for, as far as tunnels go.
 *
 * @param destination the host to connect to
 * @param forwards what {@code -L} and {@code -R} ask for
 * @param exitOnForwardFailure whether a forward that fails ends the connection; without it {@code ssh} warns and stays
 * @see <a href="https://man.openbsd.org/ssh.1">ssh(1)</a>
 */
record SshArguments(SshHop destination, List<Forward> forwards, boolean exitOnForwardFailure) {

    private static final String FLAGS = "46AaCGgKkMNnqsTtVvXxYy";
    private static final String OPTIONS_WITH_VALUE = "BbcDEeFIiJLlmOopQRSWw";

    SshArguments {
        forwards = List.copyOf(forwards);
    }

    static SshArguments parse(List<String> arguments) {
        List<Forward> forwards = new ArrayList<>();
        boolean strict = false;
        String destination = null;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (!word.startsWith("-")) {
                if (destination != null) {
                    throw new IllegalArgumentException("it only tunnels, it cannot run: " + word);
                }
                destination = word;
                continue;
            }
            for (int at = 1; at < word.length(); at++) {
                char option = word.charAt(at);
                if (OPTIONS_WITH_VALUE.indexOf(option) >= 0) {
                    boolean attached = at + 1 < word.length();
                    if (!attached && i + 1 == arguments.size()) {
                        throw new IllegalArgumentException("option -" + option + " needs a value");
                    }
                    String value = attached ? word.substring(at + 1) : arguments.get(++i);
                    switch (option) {
                        case 'L' -> forwards.add(forward(Forward.Direction.LOCAL, value));
                        case 'R' -> forwards.add(forward(Forward.Direction.REMOTE, value));
                        case 'o' ->
                            strict |= value.toLowerCase(Locale.ROOT)
                                    .replace(' ', '=')
                                    .equals("exitonforwardfailure=yes");
                        default -> {}
                    }
                    break;
                } else if (FLAGS.indexOf(option) < 0) {
                    throw new IllegalArgumentException("unknown option -" + option);
                }
            }
        }
        if (destination == null) {
            throw new IllegalArgumentException("no destination");
        }
        return new SshArguments(SshHop.parse(destination), forwards, strict);
    }

    private static Forward forward(Forward.Direction direction, String value) {
        String[] parts = value.split(":", -1);
        if (parts.length < 3 || parts.length > 4) {
            throw new IllegalArgumentException("not a forward: " + value);
        }
        int rest = parts.length - 3;
        String bind = rest == 0 || parts[0].isEmpty() ? "localhost" : parts[0];
        try {
            return new Forward(
                    direction,
                    new Endpoint(bind, Integer.parseInt(parts[rest])),
                    new Endpoint(parts[rest + 1], Integer.parseInt(parts[rest + 2])));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a forward: " + value, e);
        }
    }
}
