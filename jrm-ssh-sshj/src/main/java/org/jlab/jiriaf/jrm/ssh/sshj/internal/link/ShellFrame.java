package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jlab.jiriaf.jrm.internal.ShellQuote;

/**
 * How a script gets past the user's login shell to {@code /bin/sh}, and its output back, whatever the login shell is and
 * prints. sshd gives each command to the login shell; all shells read {@link #COMMAND} alike. It says that it is there, and only
 * then gets the script on standard input, so that no other program is fed with it. What the script prints stands between marks
 * that nobody can know before; text that is only echoed does not hold them.
 *
 * @param mark random text
 */
record ShellFrame(String mark) {

    // In single quotes without '!', backslash before a quote, or line break, which csh or fish would read in their own
    // way.
    // What comes before the script's first line was meant for a shell that reads its commands from standard input.
    static final String COMMAND = "/bin/sh -c 'unset -f printf test read cat; printf \"jrm-%s\\n\" ready; line=;"
            + " until test \"$line\" = jrm-script; do read -r line || exit 255; done; eval \"$(cat)\"'";

    /** What {@link #COMMAND} prints first. */
    static final String READY = "jrm-ready\n";

    private static final int MARK_BYTES = 16;

    /** Length of what ends a stream: exit code and mark. */
    static final int END_LENGTH = "000-end-out-".length() + 2 * MARK_BYTES;

    // The script does not get functions or options that the login shell exports (bash: BASH_FUNC_…, SHELLOPTS), as far
    // as
    // they stand in the way of a command.
    private static final String SCRIPT = """
            jrm-script
            set +efuvxC
            unset -f command env sed
            for jrm_name in $(env | sed -n 's/^BASH_FUNC_\\([A-Za-z0-9_.-]*\\)%%=.*/\\1/p'); do
                (unset -f "$jrm_name"; command -v "$jrm_name") >/dev/null 2>&1 && unset -f "$jrm_name"
            done
            jrm_mark=MARK
            printf 'begin-%s\\n' "out-$jrm_mark"
            printf 'begin-%s\\n' "err-$jrm_mark" >&2
            (eval SCRIPT) </dev/null
            jrm_code=$?
            printf '%03d-end-%s\\n' "$jrm_code" "out-$jrm_mark"
            printf '%03d-end-%s\\n' "$jrm_code" "err-$jrm_mark" >&2
            """;

    /** Makes a frame for one script. */
    static ShellFrame random() {
        byte[] bytes = new byte[MARK_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new ShellFrame(HexFormat.of().formatHex(bytes));
    }

    /** For a shell that has been started in place of the login shell and reads its commands from standard input. */
    static byte[] bait() {
        return bytes(COMMAND + "\n");
    }

    /** What {@link #COMMAND} is fed with. Behind it comes the end of the stream. */
    byte[] wrap(String script) {
        int place = SCRIPT.indexOf("SCRIPT");
        return bytes(SCRIPT.substring(0, place).replace("MARK", mark)
                + ShellQuote.quote(script)
                + SCRIPT.substring(place + "SCRIPT".length()));
    }

    FramedOutput output() {
        return new FramedOutput("begin-out-" + mark + "\n", "-end-out-" + mark);
    }

    FramedOutput error() {
        return new FramedOutput("begin-err-" + mark + "\n", "-end-err-" + mark);
    }

    /**
     * Says that the login shell has not started {@code /bin/sh}.
     *
     * @param said what it printed instead
     */
    static String notStarted(String said) {
        return "The user's login shell there, or a forced command in its place, did not start /bin/sh but printed "
                + (said.isEmpty() ? "nothing" : "'" + said + "'");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
