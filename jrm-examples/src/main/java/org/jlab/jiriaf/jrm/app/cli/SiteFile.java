package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import picocli.CommandLine.Parameters;

/** The site file that a command is about. */
final class SiteFile {

    @Parameters(paramLabel = "SITE.yaml", description = "Site file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    /** The text of the file, which can be read as a site file. */
    String text() {
        var unused = read();
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new JrmException("Cannot read " + file + ": " + e, e, false);
        }
    }

    SiteConfig read() {
        return SiteConfig.read(file);
    }
}
