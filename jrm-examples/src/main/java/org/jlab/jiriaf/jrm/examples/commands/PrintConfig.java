package org.jlab.jiriaf.jrm.examples.commands;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "print_config",
        description = "Prints a site file as it is understood, defaults filled in, secrets hidden.",
        footer = {"", "Example: jrm print_config perlmutter.yaml"})
final class PrintConfig implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Override
    public Integer call() {
        common.out().print(site.read().toYaml());
        common.out().flush();
        return 0;
    }
}
