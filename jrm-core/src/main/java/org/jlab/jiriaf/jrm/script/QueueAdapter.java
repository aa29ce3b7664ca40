package org.jlab.jiriaf.jrm.script;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values that a site's FireWorks agent puts into its queue template by itself: the file {@code my_qadapter.yaml}. Keys
 * without a value are left out, as FireWorks does. Immutable.
 *
 * @param values the values as Python prints them, by the placeholders that they replace; without the keys that begin with
 *     {@code _fw}, which are FireWorks' own
 * @param templateFile {@code _fw_template_file}, a path at the site; null where the agent takes the template that FireWorks has
 * @see <a href="https://materialsproject.github.io/fireworks/qadapter_programming.html">FireWorks queue adapters</a>
 */
public record QueueAdapter(
        Map<String, String> values, @Nullable String templateFile) {

    /** Copies. */
    public QueueAdapter {
        values = Map.copyOf(values);
    }

    /**
     * Reads the file as FireWorks 1.9.7 does, for an agent that reserves ({@code qlaunch -r}).
     *
     * @param file {@code my_qadapter.yaml}; UTF-8, at most 1 MiB
     * @return what it says
     * @throws org.jlab.jiriaf.jrm.site.SiteConfigException if FireWorks would not read it, or would submit no job with it; names line, key and value
     */
    public static QueueAdapter read(Path file) {
        return QueueAdapterReader.read(file);
    }
}
