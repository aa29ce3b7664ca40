package org.jlab.jiriaf.jrm.script;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jspecify.annotations.Nullable;

/**
 * The template of a site's FireWorks agent ({@code queue_template.yaml}), filled in exactly as the agent does, to see the queue
 * script of a job before it is submitted. Immutable.
 *
 * <p>{@code $${name}} and {@code $$name} are placeholders; afterwards every line that still holds {@code $$} is dropped, so a
 * value that is missing takes its line with it. Compared in the tests with FireWorks 1.9.7 and the newest.
 *
 * @see <a href="https://materialsproject.github.io/fireworks/qadapter_programming.html">FireWorks queue adapters</a>
 */
public final class QueueTemplate {

    /** The last alternative is Python's: two dollars with something else behind them are passed over, both. */
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\$\\$(?:(\\$\\$)|([_a-zA-Z][_a-zA-Z0-9]*)|\\{([_a-zA-Z][_a-zA-Z0-9]*)}|)");

    private static final int JOB_NAME_LENGTH = 20;

    private final String text;

    /**
     * Makes a template.
     *
     * @param text its text, with any line ends
     * @throws SiteConfigException if its braces are not in pairs: then an agent submits no job
     */
    public QueueTemplate(String text) {
        this("queue template", text);
    }

    private QueueTemplate(String source, String text) {
        this.text = FireworksText.withPlainLineEnds(text);
        int brace = FormatFields.unmatchedBrace(this.text);
        if (brace >= 0) {
            throw new SiteConfigException(
                    source,
                    List.of("line " + FireworksText.line(this.text, brace) + ": '" + this.text.charAt(brace)
                            + "' has no partner, and FireWorks submits no job; expected every { and } in pairs, in"
                            + " comments and shell lines too"));
        }
    }

    /**
     * Reads a template.
     *
     * @param file its file, UTF-8, at most 1 MiB
     * @return the template
     * @throws SiteConfigException if it cannot be read, is not UTF-8, or its braces are not in pairs
     */
    public static QueueTemplate read(Path file) {
        String source = "queue template " + file;
        return new QueueTemplate(source, FireworksText.read(source, file));
    }

    /**
     * Fills it in.
     *
     * @param queueAdapter the values of {@code my_qadapter.yaml}, those that are null there left out
     * @param queue what the workflow asks for; wins over the values of the adapter, except where it asks for nothing
     * @param fireworkId id of the Firework; any number, for a preview
     * @param launchFolder launch folder at the site
     * @return {@code FW_submit.script}
     */
    public String fill(Map<String, String> queueAdapter, QueueSettings queue, int fireworkId, String launchFolder) {
        Map<String, @Nullable Object> asked = new HashMap<>();
        asked.put("job_name", queue.jobName());
        asked.put("walltime", queue.walltime());
        asked.put("nodes", queue.nodes());
        asked.put("qos", queue.qos());
        asked.put("account", queue.account());
        asked.put("constraint", queue.constraint());
        asked.put("reservation", queue.reservation());
        asked.put("pre_rocket", queue.preRocket());
        // Not stored, so that the agent keeps its own value.
        asked.values().removeIf(value -> value == null);
        return fill(queueAdapter, asked, queue.jobName(), fireworkId, launchFolder);
    }

    /** As FireWorks has it: the keys of the adapter, the name of the Firework, {@code spec._queueadapter}, later ones win. */
    String fill(
            Map<String, ? extends @Nullable Object> queueAdapter,
            Map<String, ? extends @Nullable Object> asked,
            String fireworkName,
            int fireworkId,
            String launchFolder) {
        Map<String, @Nullable Object> values = new HashMap<>(queueAdapter);
        values.put("job_name", jobName(fireworkName));
        asked.forEach((key, value) ->
                values.put(key, value instanceof String given ? FireworksDates.reconstituted(given) : value));
        values.put("launch_dir", Path.of(launchFolder).toAbsolutePath().normalize());
        values.computeIfPresent("rocket_launch", (key, launch) -> launch + " --fw_id " + fireworkId);
        return Stream.of(substitute(values).split("\n", -1))
                .filter(line -> !line.contains("$$"))
                .collect(Collectors.joining("\n"));
    }

    private String substitute(Map<String, @Nullable Object> values) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder script = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            Object value = matcher.group(1) != null ? "$$" : name == null ? null : values.get(name);
            matcher.appendReplacement(
                    script, Matcher.quoteReplacement(value == null ? matcher.group() : PythonText.str(value)));
        }
        return matcher.appendTail(script).toString();
    }

    private static String jobName(String fireworkName) {
        String name = fireworkName.replace(' ', '_').replaceAll("[^A-Za-z0-9_.()-]", "");
        return name.substring(0, Math.min(name.length(), JOB_NAME_LENGTH));
    }
}
