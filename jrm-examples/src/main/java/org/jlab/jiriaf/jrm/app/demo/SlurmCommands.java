package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLoginNode;
import org.jspecify.annotations.Nullable;

/**
 * The batch system's commands on the login node, as far as jrm and its scripts use them.
 *
 * @see <a href="https://slurm.schedmd.com/man_index.html">Slurm's manual pages</a>
 */
final class SlurmCommands {

    /** Slurm prints local times without a zone; this site is on UTC. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

    private static final Pattern FIELD = Pattern.compile("%([a-zA-Z])");

    private final LocalBatchSystem batch;

    SlurmCommands(LocalBatchSystem batch) {
        this.batch = batch;
    }

    void register(StandInServer server) {
        server.register("squeue", this::squeue);
        server.register("scancel", this::scancel);
    }

    /** {@code squeue [-h] [-j ID,...] [-o FORMAT] [--states=all]}: a line for each job that waits or runs, or for all. */
    private void squeue(StandInCall call) throws IOException {
        List<String> words = call.arguments();
        String format = option(words, "-o", "--format");
        String wanted = option(words, "-j", "--jobs");
        if (wanted == null) {
            wanted = option(words, "-j", "--job");
        }
        List<String> ids = wanted == null ? batch.ids() : List.of(wanted.split(",", -1));
        for (String id : ids) {
            if (!batch.ids().contains(id)) {
                call.printError("slurm_load_jobs error: Invalid job id specified");
                call.exit(1);
                return;
            }
        }
        if (!words.contains("-h") && !words.contains("--noheader")) {
            call.print("JOBID STATE NAME");
        }
        boolean all = words.contains("--states=all");
        for (String id : ids) {
            if (all || batch.isQueued(id)) {
                call.print(line(format == null ? "%i %T %j" : format, id));
            }
        }
        call.exit(0);
    }

    private String line(String format, String id) {
        return FIELD.matcher(format).replaceAll(field -> Matcher.quoteReplacement(field(field.group(1), id)));
    }

    private String field(String letter, String id) {
        String state = batch.state(id);
        return switch (letter) {
            case "i", "A" -> id;
            case "T" -> state;
            case "t" -> state.equals("PENDING") ? "PD" : "R";
            case "j" -> batch.name(id);
            case "u" -> EmbeddedLoginNode.USER;
            case "V" -> TIME.format(batch.submitted(id));
            case "S" -> batch.started(id).map(TIME::format).orElse("N/A");
            case "e" -> batch.end(id).map(TIME::format).orElse("N/A");
            case "r" -> "None";
            case "k" -> "(null)";
            default -> "?";
        };
    }

    /** {@code scancel [--full] [--signal=NAME] ID...} */
    private void scancel(StandInCall call) throws IOException {
        List<String> words = call.arguments();
        String signal = option(words, "-s", "--signal");
        int code = 0;
        for (String id : ids(words)) {
            if (!batch.ids().contains(id)) {
                call.printError("scancel: error: Kill job error on job id " + id + ": Invalid job id specified");
                code = 1;
            } else if (signal == null || !batch.state(id).equals("RUNNING")) {
                batch.cancel(id);
            } else {
                batch.signal(id, signal);
            }
        }
        call.exit(code);
    }

    private static List<String> ids(List<String> words) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals("-s") || words.get(i).equals("--signal")) {
                i++;
            } else if (!words.get(i).startsWith("-")) {
                ids.add(words.get(i));
            }
        }
        return ids;
    }

    /** The value of {@code -x VALUE}, {@code -xVALUE}, {@code --long VALUE} or {@code --long=VALUE}. */
    private static @Nullable String option(List<String> words, String shortName, String longName) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if ((word.equals(shortName) || word.equals(longName)) && i + 1 < words.size()) {
                return words.get(i + 1);
            }
            if (word.startsWith(longName + "=")) {
                return word.substring(longName.length() + 1);
            }
            if (word.startsWith(shortName) && !word.startsWith("--") && word.length() > shortName.length()) {
                return word.substring(shortName.length());
            }
        }
        return null;
    }
}
