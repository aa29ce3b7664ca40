package org.jlab.jiriaf.jrm.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.LoopbackTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;

/**
 * A login node on this host whose Slurm commands are scripts. They read the file {@code mode}, keep the jobs as lines {@code ID
 * STATE NAME COMMENT} in the file {@code jobs}, and note each submission in the file {@code submissions}.
 */
final class FakeSlurmSite implements TunnelManager {

    private static final String SBATCH = """
            #!/bin/sh
            cd "$SLURM_SITE" || exit 1
            for argument; do
                case $argument in --comment=*) comment=${argument#*=} ;; --job-name=*) name=${argument#*=} ;; esac
            done
            echo "$name" >>submissions
            fail() {
                echo "sbatch: error: Batch job submission failed: $1" >&2
                exit 1
            }
            case $(cat mode) in
                standby) fail 'Slurm backup controller in standby mode' ;;
                "refuse $name") fail 'the moon is in the wrong phase' ;;
            esac
            id=$((100 + $(wc -l <submissions)))
            echo "$id RUNNING $name $comment" >>jobs
            [ "$(cat mode)" = lost ] && fail 'Socket timed out on send/recv operation'
            echo "$id"
            """;

    private static final String SQUEUE = """
            #!/bin/sh
            cd "$SLURM_SITE" || exit 1
            if [ "$(cat mode)" = silent ]; then
                echo 'slurm_load_jobs error: Socket timed out on send/recv operation' >&2
                exit 0
            fi
            while read -r id state name comment; do
                printf '\\036%s\\037alice\\037%s\\037None\\037nid001\\0372026-11-30T20:00:00\\037' "$id" "$state"
                printf '2026-11-30T20:01:00\\037N/A\\037%s\\037%s\\n' "$name" "$comment"
            done <jobs
            """;

    private static final String SACCT = """
            #!/bin/sh
            echo 'sacct: error: slurmdbd: Operation not permitted' >&2
            exit 1
            """;

    private final LoopbackTunnelManager host = new LoopbackTunnelManager();
    private final Path folder;

    FakeSlurmSite(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        command("sbatch", SBATCH);
        command("squeue", SQUEUE);
        command("sacct", SACCT);
        Files.createFile(folder.resolve("submissions"));
        mode("well");
        jobs("");
    }

    private void command(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** How the commands behave from now on: {@code well}, {@code standby}, {@code silent}, {@code lost}, {@code refuse NAME}. */
    void mode(String mode) throws IOException {
        Files.writeString(folder.resolve("mode"), mode);
    }

    void jobs(String lines) throws IOException {
        Files.writeString(folder.resolve("jobs"), lines);
    }

    /** Names of the jobs that were submitted, taken or not, in order. */
    List<String> submissions() throws IOException {
        return Files.readAllLines(folder.resolve("submissions"));
    }

    @Override
    public LoginSession connect(SshRoute route, Duration timeout) {
        String environment = "export SLURM_SITE=" + ShellQuote.quote(folder.toString()) + " PATH="
                + ShellQuote.quote(folder.toString()) + ":\"$PATH\"\n";
        return new Session(host.connect(route, timeout), environment);
    }

    @Override
    public List<Tunnel> tunnels() {
        return host.tunnels();
    }

    @Override
    public Map<SshRoute, ConnectionState> connections() {
        return host.connections();
    }

    @Override
    public void close() {
        host.close();
    }

    private record Session(LoginSession host, String environment) implements LoginSession {

        @Override
        public SshRoute route() {
            return host.route();
        }

        @Override
        public ConnectionState connection() {
            return host.connection();
        }

        @Override
        public List<Tunnel> open(List<Forward> forwards, Duration timeout) {
            return host.open(forwards, timeout);
        }

        @Override
        public ExecResult exec(String script, Duration timeout) {
            return host.exec(environment + script, timeout);
        }

        @Override
        public byte[] readFile(String path, int limit, Duration timeout) {
            return host.readFile(path, limit, timeout);
        }

        @Override
        public void writeFile(String path, byte[] content, Duration timeout) {
            host.writeFile(path, content, timeout);
        }

        @Override
        public void check(Duration timeout) {
            host.check(timeout);
        }

        @Override
        public Set<Integer> listeningPorts(Duration timeout) {
            return host.listeningPorts(timeout);
        }

        @Override
        public void close() {
            host.close();
        }
    }
}
