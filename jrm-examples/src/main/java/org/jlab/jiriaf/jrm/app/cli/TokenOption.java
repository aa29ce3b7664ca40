package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The token of the service, from a file or the environment. */
final class TokenOption {

    private static final String VARIABLE = "JRM_TOKEN";
    private static final int SHORTEST = 16;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File that holds the token of the service. Default: the environment variable JRM_TOKEN")
    private @Nullable Path file;

    /** The token; null if there is none. */
    @Nullable
    Secret token() {
        String token = file == null ? System.getenv(VARIABLE) : read(file);
        if (token == null || token.isBlank()) {
            return null;
        }
        String stripped = token.strip();
        if (stripped.length() < SHORTEST || !stripped.matches("[!-~]+")) {
            throw new ParameterException(
                    command.commandLine(),
                    "The token must have at least " + SHORTEST
                            + " visible ASCII characters and no blanks; 'openssl rand" + " -hex 32' makes one");
        }
        return Secret.of(stripped);
    }

    private String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new ParameterException(command.commandLine(), "Cannot read the token from " + path + ": " + e, e);
        }
    }
}
