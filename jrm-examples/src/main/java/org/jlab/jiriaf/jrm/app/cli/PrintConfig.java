package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "print_config",
        description = "Prints a site file as it is understood, defaults filled in, secrets hidden.",
        footer = {"", "Example: jrm print_config perlmutter.yaml"})
final class PrintConfig implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Option(names = "--json", description = "Print JSON instead of YAML.")
    private boolean json;

    @Override
    public Integer call() {
        String yaml = site.read().toYaml();
        common.out().print(json ? Serialization.asJson(Serialization.unmarshal(yaml, Map.class)) + "\n" : yaml);
        common.out().flush();
        return 0;
    }
}
