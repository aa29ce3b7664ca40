package org.jlab.jiriaf.jrm.app.cli;

import java.util.Arrays;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code java -jar jrm.jar}: finds the command and turns what happened into an exit code and a message. */
@Command(
        name = "jrm",
        description = "Deploys JIRIAF Resource Managers to HPC sites.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuickstartCommand.class,
            AddWf.class,
            Launch.class,
            GetWf.class,
            DeleteWf.class,
            Serve.class,
            MapCommand.class,
            ReleaseCommand.class,
            DeletePorts.class,
            PrintConfig.class,
            Render.class,
            DoctorCommand.class,
            Connect.class,
            Targets.class,
            Completion.class
        },
        footer = {
            "",
            "Results go to standard output, progress and errors to standard error.",
            "Exit code: 0 done, 1 failed, 2 bad usage or bad input.",
            "Help on a command: jrm COMMAND --help. To begin with: jrm quickstart"
        })
public final class Jrm implements Runnable {

    private static final String DEBUG = "--debug";
    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.log.org.jlab.jiriaf";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli asks the option
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /**
     * Runs a command and ends the process.
     *
     * @param arguments command and its arguments
     */
    public static void main(String[] arguments) {
        if (Arrays.asList(arguments).contains(DEBUG)) {
            // The logger reads it once, when it is first used.
            System.setProperty(LOG_LEVEL, "debug");
        }
        System.exit(commandLine().execute(arguments));
    }

    /**
     * Makes the command line, for {@link #main} and for whoever wants to run commands in this process: set its streams with
     * {@code setOut} and {@code setErr}.
     *
     * @return the command line
     */
    public static CommandLine commandLine() {
        return new CommandLine(new Jrm())
                .setExecutionExceptionHandler(Jrm::failed)
                .setParameterExceptionHandler(Jrm::misused)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + misuse.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(misuse, command.getErr())) {
            command.getErr().println("See '" + name + " --help'");
        }
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception failure, CommandLine command, ParseResult arguments) {
        if (command.getParseResult().matchedOptionValue(DEBUG, false)) {
            failure.printStackTrace(command.getErr());
        } else {
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message(failure));
        }
        return failure instanceof SiteConfigException || failure instanceof LaunchpadConfigException
                ? CommandLine.ExitCode.USAGE
                : CommandLine.ExitCode.SOFTWARE;
    }

    /** What an operator can do something with; where a message is missing, the name of the exception is better than nothing. */
    private static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }
}
