package org.jlab.jiriaf.jrm.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a site's FireWorks agent puts into its queue template by itself: the file {@code my_qadapter.yaml}. Keys without a value are
 * left out, as FireWorks does.
 *
 * @param values the values, by the placeholders that they replace
 * @param templateFile {@code _fw_template_file}, a path at the site; null where the agent takes the template that FireWorks has
 */
public record QueueAdapter(
        Map<String, String> values, @Nullable String templateFile) {

    private static final String FIREWORKS_OWN = "_fw_";
    private static final String TEMPLATE_FILE = FIREWORKS_OWN + "template_file";

    /** Copies. */
    public QueueAdapter {
        values = Map.copyOf(values);
    }

    /**
     * Reads the file.
     *
     * @param file {@code my_qadapter.yaml}
     * @return what it says
     * @throws SiteConfigException if it cannot be read, or is not a block of keys and plain values
     */
    public static QueueAdapter read(Path file) {
        if (!(load(file) instanceof Map<?, ?> map)) {
            throw fault(file, "is no block of keys");
        }
        Map<String, String> values = new TreeMap<>();
        map.forEach((key, value) -> {
            if (value instanceof Map || value instanceof List) {
                throw fault(file, key + " must have a plain value");
            }
            if (value != null) {
                values.put(String.valueOf(key), text(value));
            }
        });
        String template = values.get(TEMPLATE_FILE);
        values.keySet().removeIf(key -> key.startsWith(FIREWORKS_OWN));
        return new QueueAdapter(values, template);
    }

    /** As Python prints it. */
    private static String text(Object value) {
        return value instanceof Boolean truth ? (truth ? "True" : "False") : value.toString();
    }

    private static @Nullable Object load(Path file) {
        try {
            LoadSettings settings =
                    LoadSettings.builder().setLabel(file.toString()).build();
            return new Load(settings).loadFromString(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw fault(file, "there is no such file");
        } catch (IOException e) {
            throw fault(file, "cannot be read: " + e.getMessage());
        } catch (YamlEngineException e) {
            throw fault(file, "is not YAML: " + e.getMessage());
        }
    }

    private static SiteConfigException fault(Path file, String what) {
        return new SiteConfigException("queue adapter " + file, List.of(what));
    }
}
