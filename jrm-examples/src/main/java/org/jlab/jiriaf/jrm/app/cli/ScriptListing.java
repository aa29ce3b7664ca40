package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.script.BatchScripts;

/** The scripts of a job, printed or written to files. */
final class ScriptListing {

    private static final String BATCH_SCRIPT = "batch.sh";

    private ScriptListing() {}

    /** The scripts by the names of their files. */
    static Map<String, String> files(BatchScripts scripts) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(BATCH_SCRIPT, scripts.batchScript());
        if (!scripts.sharedScript().isEmpty()) {
            files.put(BatchScripts.SHARED_FILE, scripts.sharedScript());
        }
        scripts.nodeScripts().forEach(node -> files.put(node.fileName(), node.content()));
        return files;
    }

    /** Prints all scripts, each below a line with its name or as JSON. */
    static void print(Map<String, String> files, PrintWriter out, boolean json) {
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(files));
            return;
        }
        files.forEach((name, content) -> {
            out.println("==> " + name + " <==");
            out.println(content);
        });
    }

    /** Writes each script into a file, and names the files. */
    static void write(Map<String, String> files, Path folder, PrintWriter out, boolean json) throws IOException {
        List<String> written = new ArrayList<>();
        Files.createDirectories(folder);
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.writeString(path, file.getValue());
            written.add(path.toString());
        }
        if (json) {
            out.println(Json.MAPPER.writeValueAsString(written));
        } else {
            written.forEach(out::println);
        }
    }
}
