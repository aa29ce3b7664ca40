package org.jlab.jiriaf.jrm.script;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.script.FireworksYaml.Value;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jspecify.annotations.Nullable;

/** Reads {@code my_qadapter.yaml}, and refuses what FireWorks refuses in it. */
final class QueueAdapterReader {

    private static final String FIREWORKS_OWN = "_fw";
    private static final String NAME = "_fw_name";
    private static final String QUEUE_TYPE = "_fw_q_type";
    private static final String TEMPLATE_FILE = "_fw_template_file";
    private static final String ROCKET_LAUNCH = "rocket_launch";
    private static final String COMMANDS = "_q_commands_override";

    private static final Pattern ADAPTER =
            Pattern.compile("CommonAdapter|\\{\\{[{} ]*fireworks\\.[\\w.]+\\.CommonAdapter[{} ]*}}");
    private static final List<String> QUEUE_TYPES =
            List.of("PBS", "SGE", "Cobalt", "SLURM", "LoadLeveler", "LoadSharingFacility", "MOAB");

    /** The names of the parameters of FireWorks' adapter, which cannot be given a second time. */
    private static final Map<String, String> RESERVED = Map.of(
            "q_type", QUEUE_TYPE,
            "q_name", "_fw_q_name",
            "template_file", TEMPLATE_FILE,
            "timeout", "_fw_timeout",
            "self", "another name");

    private final String source;
    private final Map<String, Value> keys;
    private final List<String> faults = new ArrayList<>();

    private QueueAdapterReader(String source, Map<String, Value> keys) {
        this.source = source;
        this.keys = keys;
    }

    static QueueAdapter read(Path file) {
        String source = "queue adapter " + file;
        String name = file.toString();
        if (!name.endsWith(".yaml") && !name.endsWith(".json")) {
            throw new SiteConfigException(
                    source, List.of("FireWorks does not read a file of this name; expected one that ends in .yaml"));
        }
        return new QueueAdapterReader(source, FireworksYaml.read(source, FireworksText.read(source, file))).adapter();
    }

    private QueueAdapter adapter() {
        require(
                NAME,
                "CommonAdapter",
                value -> value instanceof String text && ADAPTER.matcher(text).matches());
        require(
                QUEUE_TYPE,
                "one of " + String.join(", ", QUEUE_TYPES),
                value -> value instanceof String type && QUEUE_TYPES.contains(type));
        require(
                ROCKET_LAUNCH,
                "a command with 'singleshot', such as 'rlaunch -c FOLDER singleshot'",
                value -> value instanceof String command && command.contains("singleshot"));
        if (keys.containsKey(COMMANDS)) {
            require(COMMANDS, "a block, such as {submit_cmd: sbatch}", Map.class::isInstance);
        }
        if (value(TEMPLATE_FILE) != null) {
            require(
                    TEMPLATE_FILE,
                    "the path of a file, or nothing",
                    value -> value instanceof String path && path.indexOf(0) < 0);
        }
        RESERVED.forEach((key, meant) -> {
            if (keys.containsKey(key)) {
                fault(key, "FireWorks refuses this key; expected " + meant);
            }
        });
        if (!faults.isEmpty()) {
            throw new SiteConfigException(source, faults);
        }
        return new QueueAdapter(texts(), (String) value(TEMPLATE_FILE));
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        keys.forEach((key, value) -> {
            if (!key.startsWith(FIREWORKS_OWN) && value.value() != null) {
                texts.put(key, PythonText.str(value.value()));
            }
        });
        return texts;
    }

    private void require(String key, String expected, Predicate<@Nullable Object> isFine) {
        if (!keys.containsKey(key)) {
            faults.add(key + ": is missing; expected " + expected);
        } else if (!isFine.test(value(key))) {
            fault(key, "has " + FireworksYaml.shown(value(key)) + "; expected " + expected);
        }
    }

    private void fault(String key, String what) {
        faults.add(key + " (line " + Objects.requireNonNull(keys.get(key)).line() + "): " + what);
    }

    private @Nullable Object value(String key) {
        Value value = keys.get(key);
        return value == null ? null : value.value();
    }
}
