package org.jlab.jiriaf.jrm.batch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;

/**
 * The JRMs of a host without batch system, as on FABRIC. They are found by the mark {@code JRM_RUN=NODE.PID.TIME} that a node
 * script leaves in the environment of all that it starts.
 */
public final class JrmProcesses {

    private static final String END_SCRIPT = """
            tries=$1; shift
            told=
            while :; do
                left=
                for node; do
                    for environ in $(grep -lz "^JRM_RUN=$node[.]" /proc/[0-9]*/environ 2>/dev/null); do
                        left="$left $node"
                        pid=${environ#/proc/}
                        pid=${pid%/environ}
                        if [ -z "$told" ] && grep -qz "^JRM_RUN=$node[.]$pid[.]" "$environ" 2>/dev/null; then
                            kill -s TERM "$pid"
                        fi
                    done
                done
                [ -n "$left" ] || exit 0
                told=yes
                tries=$((tries - 1))
                [ "$tries" -gt 0 ] || exit 1
                sleep 0.5
            done
            """;

    /** One line for each JRM; nothing else has the mark, as whatever a JRM starts inherits it. */
    private static final String LIST_SCRIPT =
            "grep -hzo '^JRM_RUN=.*' /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u";

    private static final Pattern MARK = Pattern.compile("(?m)^JRM_RUN=(.+)[.]\\d+[.]\\d+$");

    private JrmProcesses() {}

    /**
     * Tells which JRMs run on a host. Those of other users are not seen.
     *
     * @param session session on the host, as the user they run as
     * @param timeout how long it may take
     * @return names of their nodes
     * @throws BatchSchedulerException if the host cannot tell
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the host cannot be asked
     */
    public static Set<String> nodes(LoginSession session, Duration timeout) {
        ExecResult result = session.exec(LIST_SCRIPT, timeout);
        if (!result.succeeded()) {
            throw new BatchSchedulerException(
                    "The processes of JRMs on " + session.route().describe() + " cannot be listed: " + result.words(),
                    true);
        }
        return MARK.matcher(result.output())
                .results()
                .map(mark -> mark.group(1))
                .collect(Collectors.toSet());
    }

    /**
     * Tells JRMs to end, and waits until nothing of them is left. Those that do not run, or belong to another user, are not an
     * error.
     *
     * @param session session on the host where they run, as the user they run as
     * @param nodes names of their nodes
     * @param timeout how long it may take
     * @throws BatchSchedulerException if something of them is left
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the host cannot be asked
     */
    public static void end(LoginSession session, List<String> nodes, Duration timeout) {
        // A look and a pause take a little more than half a second.
        long tries = Math.max(1, timeout.toSeconds());
        List<String> arguments = new ArrayList<>(List.of(Long.toString(tries)));
        arguments.addAll(nodes);
        ExecResult result = session.exec(END_SCRIPT, arguments, timeout);
        if (!result.succeeded()) {
            throw new BatchSchedulerException(
                    "Processes of " + String.join(", ", nodes) + " on "
                            + session.route().describe() + " are still there after they have been told to end: "
                            + result.words() + "; look at logs/NODE.log in their launch folder",
                    true);
        }
    }
}
