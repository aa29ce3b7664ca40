package org.jlab.jiriaf.jrm.examples.commands;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jlab.jiriaf.jrm.batch.BatchScripts;

/** The scripts of a job, printed or written to files. */
final class ScriptListing {

    private static final String BATCH_SCRIPT = "batch.sh";

    private ScriptListing() {}

    private static Map<String, String> files(BatchScripts scripts) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put(BATCH_SCRIPT, scripts.batchScript());
        scripts.nodeScripts().forEach(node -> files.put(node.fileName(), node.content()));
        return files;
    }

    /** Prints all scripts, each below a line with its name. */
    static void print(BatchScripts scripts, PrintWriter out) {
        files(scripts).forEach((name, content) -> {
            out.println("==> " + name + " <==");
            out.println(content);
        });
    }

    /** Writes each script into a file, and names the files. */
    static void write(BatchScripts scripts, Path folder, PrintWriter out) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, String> file : files(scripts).entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.writeString(path, file.getValue());
            out.println(path);
        }
    }
}
