package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;

/** Reads {@code ProxyCommand}: its tokens, and whether it is {@code ssh -W}, the older way to write {@code ProxyJump}. */
final class ProxyCommands {

    private static final Pattern TOKEN = Pattern.compile("%(.?)", Pattern.DOTALL);

    /** What OpenSSH refuses in names that reach a shell (ssh.c, {@code valid_hostname}). */
    private static final Pattern NOT_A_NAME = Pattern.compile("^-|['`\"$\\\\;&<>|(){}\\s\\p{Cntrl}]");

    /** Options of {@code ssh} without a value that change nothing about a connection which only passes bytes on. */
    private static final String FLAGS = "1246akMnNqtTvxXyYACK";

    /** Options whose value changes nothing about it. */
    private static final String IRRELEVANT = "ceEmS";

    /** Options that the hop is resolved with. */
    private static final String RESOLVED = "FiJlop";

    private ProxyCommands() {}

    /**
     * Expands the tokens of {@code ProxyCommand} and {@code ProxyJump}.
     *
     * @param text the value as the configuration has it
     * @param tokens value of each token
     * @param of the host, for messages
     */
    static String expand(String text, Map<String, String> tokens, String of) {
        return TOKEN.matcher(text).replaceAll(match -> {
            if (match.group(1).equals("%")) {
                return "%";
            }
            String value = tokens.get(match.group(1));
            if (value == null) {
                throw SshFailureTranslator.failure(
                        Reason.CONFIGURATION,
                        "The SSH configuration of host " + of + " has the token " + match.group() + " in '" + text
                                + "'; there are "
                                + tokens.keySet().stream().sorted().toList() + " and %",
                        null);
            }
            if (NOT_A_NAME.matcher(value).find()) {
                throw SshFailureTranslator.failure(
                        Reason.CONFIGURATION,
                        "The value '" + value + "' of " + match.group() + " for host " + of + " must not reach a shell"
                                + " through '" + text + "'. Check ssh.remote and the HostName and User of the host",
                        null);
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /**
     * Finds the jump host if a command is {@code ssh -W} and nothing else.
     *
     * @param command the command with its tokens expanded
     * @param target where it has to lead, as {@code -W} may spell it
     */
    static Optional<JumpHop> jump(String command, Set<String> target) {
        List<String> words = ShellWords.of(command).orElse(List.of());
        int first = !words.isEmpty() && words.get(0).equals("exec") ? 1 : 0;
        if (words.size() <= first || !words.get(first).matches("(.*/)?ssh")) {
            return Optional.empty();
        }
        SshArguments arguments = new SshArguments();
        return arguments.read(words.subList(first + 1, words.size())) && target.contains(arguments.forward)
                ? arguments.hop()
                : Optional.empty();
    }

    /** The arguments of {@code ssh}; options may stand behind the host too. */
    private static final class SshArguments {
        private final List<String> options = new ArrayList<>();
        private String forward = "";
        private String host = "";

        /** Returns whether all of them are understood and mean a jump. */
        boolean read(List<String> words) {
            int next = 0;
            while (next < words.size()) {
                String word = words.get(next++);
                if (!word.startsWith("-") || word.equals("-")) {
                    if (!host.isEmpty()) {
                        return false;
                    }
                    host = word;
                } else if (!word.equals("--")) {
                    int flags = flags(word);
                    if (flags < word.length()) {
                        boolean attached = flags + 1 < word.length();
                        if ((!attached && next == words.size())
                                || !take(
                                        word.charAt(flags), attached ? word.substring(flags + 1) : words.get(next++))) {
                            return false;
                        }
                    }
                }
            }
            return !host.isEmpty();
        }

        /** Where in a cluster of options the first one stands that has a value. */
        private static int flags(String word) {
            int i = 1;
            while (i < word.length() && FLAGS.indexOf(word.charAt(i)) >= 0) {
                i++;
            }
            return i;
        }

        private boolean take(char option, String value) {
            if (option == 'W') {
                boolean once = forward.isEmpty();
                forward = value;
                return once;
            }
            if (RESOLVED.indexOf(option) >= 0) {
                options.addAll(List.of("-" + option, value));
                return true;
            }
            return IRRELEVANT.indexOf(option) >= 0;
        }

        Optional<JumpHop> hop() {
            try {
                return Optional.of(new JumpHop(SshHop.parse(host.replaceFirst("^ssh://", "")), options));
            } catch (IllegalArgumentException e) {
                // Not a host that jrm knows how to name: ssh itself gets it.
                return Optional.empty();
            }
        }
    }
}
