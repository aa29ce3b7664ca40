package org.jlab.jiriaf.jrm.batch.slurm;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/** A login node whose commands answer what a test has laid down, in order; the last answer to a command is repeated. */
final class FakeSlurm implements LoginSession {

    private record Answers(Pattern command, Queue<ExecResult> results) {}

    private final List<Answers> answers = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();
    private final Map<String, String> written = new HashMap<>();
    private final List<String> breaking = new ArrayList<>();

    FakeSlurm on(String commandPattern, ExecResult... results) {
        answers.add(new Answers(Pattern.compile(commandPattern), new ArrayDeque<>(List.of(results))));
        return this;
    }

    /** The connection breaks when a command with this word is run. */
    FakeSlurm breaksAt(String word) {
        breaking.add(word);
        return this;
    }

    static ExecResult prints(String output) {
        return new ExecResult(0, output, "");
    }

    static ExecResult fails(String error) {
        return new ExecResult(1, "", error);
    }

    /** What was run, without the queries for the state. */
    List<String> commands() {
        return commands.stream().filter(command -> !command.contains("squeue")).toList();
    }

    /** Everything that was run. */
    List<String> all() {
        return List.copyOf(commands);
    }

    /** The files that were written, by path. */
    Map<String, String> written() {
        return written;
    }

    @Override
    public ExecResult exec(String command, Duration timeout) {
        commands.add(command);
        if (breaking.stream().anyMatch(command::contains)) {
            throw new TunnelException(TunnelException.Reason.UNREACHABLE, null, "the connection broke", null);
        }
        for (Answers known : answers) {
            if (known.command().matcher(command).find()) {
                return known.results().size() > 1
                        ? known.results().remove()
                        : known.results().element();
            }
        }
        throw new AssertionError("Nobody expected: " + command);
    }

    @Override
    public SshRoute route() {
        return new SshRoute(List.of(SshHop.parse("login04")), null, null);
    }

    @Override
    public ConnectionState connection() {
        return new ConnectionState(route().login(), Instant.EPOCH, null, 0, null);
    }

    @Override
    public List<Tunnel> open(List<Forward> forwards, Duration timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<Integer> listeningPorts(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] readFile(String path, int limit, Duration timeout) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void writeFile(String path, byte[] content, Duration timeout) {
        written.put(path, new String(content, StandardCharsets.UTF_8));
    }

    @Override
    public void check(Duration timeout) {}

    @Override
    public void close() {}
}
