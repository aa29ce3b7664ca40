package org.jlab.jiriaf.jrm.examples.commands;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jlab.jiriaf.jrm.store.mongo.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which LaunchPad. */
final class LaunchpadOption {

    private static final Path DEFAULT = Path.of("my_launchpad.yaml");

    @Option(
            names = "--launchpad",
            paramLabel = "FILE",
            description = "FireWorks' file of the LaunchPad. Default: ./my_launchpad.yaml")
    private @Nullable Path file;

    /** The LaunchPad of the file that is named, or of the default one. */
    LaunchpadConfig config() {
        return LaunchpadConfig.read(file == null ? DEFAULT : file);
    }

    /** The LaunchPad of the file that is named, or of the default one if it is there. */
    Optional<LaunchpadConfig> present() {
        return file == null && !Files.exists(DEFAULT) ? Optional.empty() : Optional.of(config());
    }

    /** Where the LaunchPad is; FireWorks' own default if no file is named and the default one is not there. */
    Endpoint endpoint() {
        return present()
                .map(config -> new Endpoint(config.host(), config.port()))
                .orElseGet(() -> Endpoint.localhost(27017));
    }
}
