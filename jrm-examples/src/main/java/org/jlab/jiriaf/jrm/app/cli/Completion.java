package org.jlab.jiriaf.jrm.app.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description =
                "Prints a script that completes commands and options of jrm at the Tab key, for bash and zsh. There has"
                        + " to be a command jrm, such as an alias.",
        footer = {
            "",
            "Example: alias jrm='java -jar /opt/jrm/jrm.jar'; source <(jrm completion)",
            "         in ~/.bashrc or ~/.zshrc"
        })
final class Completion implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        common.out().print(AutoComplete.bash(root.name(), root.commandLine()));
        common.out().flush();
        return 0;
    }
}
