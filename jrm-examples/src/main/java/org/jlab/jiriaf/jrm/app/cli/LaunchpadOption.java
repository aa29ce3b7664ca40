package org.jlab.jiriaf.jrm.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which LaunchPad. */
final class LaunchpadOption {

    private static final Path DEFAULT = Path.of("my_launchpad.yaml");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--launchpad",
            paramLabel = "FILE",
            description = "FireWorks' file of the LaunchPad. Default: my_launchpad.yaml in this folder")
    private @Nullable Path file;

    /** The LaunchPad of the file that is named, or of the default one. */
    LaunchpadConfig config() {
        if (file == null && !Files.exists(DEFAULT)) {
            throw new ParameterException(
                    command.commandLine(),
                    "Which LaunchPad? There is no " + DEFAULT + " here; name the file with --launchpad. FireWorks makes"
                            + " one with 'lpad init'");
        }
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
