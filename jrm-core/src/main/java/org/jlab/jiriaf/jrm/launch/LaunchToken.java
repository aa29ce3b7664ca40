package org.jlab.jiriaf.jrm.launch;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.workflow.Launch;
import org.jspecify.annotations.Nullable;

/**
 * Name of a launch folder and comment of its job: {@code jrm-PID-START-RANDOM}. It stands in the LaunchPad before a job is
 * submitted, so that a later process finds the job of one that was killed; and it names the process, so that the later one
 * knows whether the earlier one can still be at work.
 */
final class LaunchToken {

    private static final Pattern TOKEN = Pattern.compile("jrm-([0-9a-z]+)-([0-9a-z]+)-[0-9a-z]+");

    private LaunchToken() {}

    static String create(ProcessIdentity process) {
        return "jrm-" + base36(process.pid()) + "-" + base36(process.startedAt().toEpochMilli()) + "-"
                + base36(ThreadLocalRandom.current().nextLong() >>> 1);
    }

    private static String base36(long number) {
        return Long.toString(number, Character.MAX_RADIX);
    }

    /** The token of a launch, or empty if it was launched by somebody else. */
    static Optional<String> of(@Nullable Launch launch) {
        if (launch == null || launch.launchDir() == null) {
            return Optional.empty();
        }
        String folder = launch.launchDir();
        String name = folder.substring(folder.lastIndexOf('/') + 1);
        return TOKEN.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }

    /** The process that made a token. */
    static ProcessIdentity process(String token, String host) {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            throw new IllegalArgumentException("Not the token of a launch: " + token);
        }
        return new ProcessIdentity(host, number(parts.group(1)), Instant.ofEpochMilli(number(parts.group(2))));
    }

    private static long number(String base36) {
        return Long.parseLong(base36, Character.MAX_RADIX);
    }
}
