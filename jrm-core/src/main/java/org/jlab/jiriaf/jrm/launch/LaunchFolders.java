package org.jlab.jiriaf.jrm.launch;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.script.LaunchScripts;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jspecify.annotations.Nullable;

/** The launch folders at the site, over one session. */
final class LaunchFolders {

    /** As much of a job's errors as is kept with its launch. */
    private static final int ERROR_BYTES = 2000;

    private static final char RECORD = '\u001e';
    private static final char FIELD = '\u001f';

    private static final String TAKEN_BY = "taken by";

    private static final String MAKE_BASE = """
            umask 077
            mkdir -p -- "$1" && cd -- "$1" && pwd -P
            """;

    // Whoever makes the report folder decides: a job that starts later finds it and ends.
    private static final String GIVE_UP = """
            umask 077
            mkdir -p -- "$1" && cd -- "$1" || exit 73
            if mkdir %1$s 2>/dev/null; then
                : >%1$s/given-up
            fi
            [ -d %1$s ] || exit 73
            if [ -e %1$s/given-up ]; then
                echo given up
            else
                echo "taken by $(cat %1$s/job 2>/dev/null)"
            fi
            """.formatted(LaunchScripts.REPORT_FOLDER);

    private static final String REPORTS = """
            part() {
                [ ! -e "$report/$1" ] || tail -c %d "$report/$1" | tr -d '\\036\\037'
            }
            for folder; do
                report=$folder/%s
                printf '\\036'
                part exit
                printf '\\037'
                part job
                printf '\\037'
                part errors
            done
            """.formatted(ERROR_BYTES, LaunchScripts.REPORT_FOLDER);

    /**
     * What a job left in its folder.
     *
     * @param exitCode its exit code, or null if it did not come to its end
     * @param jobId its id, or null if it has not started
     * @param errors the last of what it printed on standard error
     */
    record Report(@Nullable Integer exitCode, @Nullable String jobId, String errors) {}

    private final LoginSession session;
    private final Duration timeout;

    LaunchFolders(LoginSession session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    /** Makes the folder that has the launch folders, unless it is there, and tells its absolute path. */
    String base(String path) {
        return run("make the folder " + path, MAKE_BASE, List.of(path)).stripTrailing();
    }

    /** Makes a launch folder with the script of its tasks. */
    void create(String folder, String tasks) {
        run("make the launch folder " + folder, "umask 077; mkdir -- \"$1\"", List.of(folder));
        session.writeFile(folder + "/" + LaunchScripts.TASKS_FILE, tasks.getBytes(StandardCharsets.UTF_8), timeout);
    }

    /**
     * Who has taken a launch.
     *
     * @param givenUp whether no job will ever run it
     * @param jobId the job that began to run it, or null if there is none or it has not said its name yet
     */
    record Taken(boolean givenUp, @Nullable String jobId) {}

    /** Sees to it that no job ever runs in a folder, unless one has begun to. */
    Taken giveUp(String folder) {
        String answer = run("give up the launch folder " + folder, GIVE_UP, List.of(folder))
                .strip();
        String job = answer.startsWith(TAKEN_BY)
                ? answer.substring(TAKEN_BY.length()).strip()
                : "";
        return new Taken(answer.equals("given up"), job.isEmpty() ? null : job);
    }

    /** What the jobs of these folders left, in the same order, in one question. */
    List<Report> reports(List<String> folders) {
        if (folders.isEmpty()) {
            return List.of();
        }
        String answer = run("read the reports of " + folders.size() + " jobs", REPORTS, folders);
        String[] parts = answer.split(String.valueOf(RECORD), -1);
        if (parts.length != folders.size() + 1) {
            throw new JrmException(
                    "The reports of " + folders.size() + " jobs on "
                            + session.route().describe() + " did not arrive completely",
                    null,
                    true);
        }
        List<Report> reports = new ArrayList<>();
        for (int i = 1; i <= folders.size(); i++) {
            String[] fields = parts[i].split(String.valueOf(FIELD), 3);
            String code = fields[0].strip();
            String job = fields[1].strip();
            reports.add(new Report(
                    code.matches("[0-9]{1,3}") ? Integer.valueOf(code) : null,
                    job.isEmpty() ? null : job,
                    fields[2].strip()));
        }
        return reports;
    }

    private String run(String what, String script, List<String> arguments) {
        ExecResult result = session.exec(script, arguments, timeout);
        if (!result.succeeded()) {
            throw new JrmException(
                    "Cannot " + what + " on " + session.route().describe() + ": " + result.words(), null, true);
        }
        return result.output();
    }
}
