package org.jlab.jiriaf.jrm.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.QueueAdapter;
import org.jlab.jiriaf.jrm.script.QueueTemplate;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The queue script that a site's FireWorks agent would submit. */
final class QueueScriptOptions {

    /** What FireWorks calls it. */
    static final String FILE = "FW_submit.script";

    @Option(
            names = "--qadapter",
            paramLabel = "FILE",
            description = "FireWorks' my_qadapter.yaml of the site: then also " + FILE
                    + ", the queue script that its agent would submit.")
    private @Nullable Path qadapter;

    @Option(
            names = "--queue-template",
            paramLabel = "FILE",
            description = "The site's template of queue scripts. Default: _fw_template_file of --qadapter.")
    private @Nullable Path template;

    @Option(
            names = "--launch-dir",
            paramLabel = "DIR",
            description = "Launch folder in " + FILE + ". Default: ${DEFAULT-VALUE}")
    private String launchFolder = "/LAUNCH_DIR";

    @Option(names = "--fw-id", paramLabel = "ID", description = "Firework in " + FILE + ". Default: ${DEFAULT-VALUE}")
    private int fireworkId = 1;

    /** Renders it, if it is asked for. */
    Optional<String> render(BatchScripts scripts) {
        if (qadapter == null) {
            return Optional.empty();
        }
        QueueAdapter adapter = QueueAdapter.read(qadapter);
        Path file = template == null && adapter.templateFile() != null ? Path.of(adapter.templateFile()) : template;
        if (file == null) {
            throw new SiteConfigException(
                    "queue adapter " + qadapter, List.of("it has no _fw_template_file; give --queue-template"));
        }
        return Optional.of(templateOf(file).fill(adapter.values(), scripts.queue(), fireworkId, launchFolder));
    }

    private QueueTemplate templateOf(Path file) {
        if (template == null && !Files.isReadable(file)) {
            throw new SiteConfigException(
                    "queue adapter " + qadapter,
                    List.of("_fw_template_file: " + file + " cannot be read here; give --queue-template"));
        }
        return QueueTemplate.read(file);
    }
}
