package org.jlab.jiriaf.jrm.examples.commands;

import java.nio.file.Path;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import picocli.CommandLine.Parameters;

/** The site file that a command is about. */
final class SiteFile {

    @Parameters(paramLabel = "SITE.yaml", description = "Site file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    SiteConfig read() {
        return SiteConfig.read(file);
    }
}
