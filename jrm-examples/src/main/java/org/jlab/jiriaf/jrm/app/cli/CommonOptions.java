package org.jlab.jiriaf.jrm.app.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command takes, and where it prints. */
final class CommonOptions {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli asks the option
    private boolean help;

    @Option(names = "--debug", description = "Log what happens, and show stack traces.")
    @SuppressWarnings("UnusedVariable") // Jrm asks the option
    private boolean debug;

    /** For results. */
    PrintWriter out() {
        return command.commandLine().getOut();
    }

    /** For progress and errors. */
    PrintWriter err() {
        return command.commandLine().getErr();
    }
}
