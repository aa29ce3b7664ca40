package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jlab.jiriaf.jrm.app.doctor.Doctor;
import org.jlab.jiriaf.jrm.app.doctor.Finding;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description =
                "Checks everything that a deployment to a site needs, and changes nothing. One line each: ok, warning or"
                        + " failure with what to do. Exit code 1 if there is a failure.",
        footer = {"", "Example: jrm doctor perlmutter.yaml --launchpad my_launchpad.yaml"})
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SiteFile site = new SiteFile();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ListenOptions listen = new ListenOptions();

    @Option(names = "--json", description = "Print JSON: one object per check.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        return Interruption.guard(this::examine);
    }

    private int examine() {
        Doctor doctor = new Doctor(
                site::read,
                backends.launchpad()::config,
                backends.kubernetes()::open,
                backends.ssh()::open,
                listen::applyTo,
                finding -> {
                    if (!json) {
                        print(finding);
                    }
                });
        try {
            List<Finding> findings = doctor.examine();
            if (json) {
                common.out()
                        .println(Serialization.asJson(
                                findings.stream().map(DoctorCommand::values).toList()));
            }
            return findings.stream().anyMatch(finding -> finding.status() == Status.FAILURE) ? 1 : 0;
        } catch (InterruptedException e) {
            common.err().println("Interrupted; not everything has been checked.");
            return 1;
        }
    }

    private void print(Finding finding) {
        String word = String.format(Locale.ROOT, "%-8s", word(finding));
        String colour = switch (finding.status()) {
            case OK -> "green";
            case WARNING -> "yellow";
            case FAILURE -> "red";
            case SKIPPED -> "faint";
        };
        common.out()
                .println(Ansi.AUTO.string("@|" + colour + " " + word + "|@") + " "
                        + String.format(Locale.ROOT, "%-22s", finding.check()) + " " + finding.message());
        common.out().flush();
    }

    private static String word(Finding finding) {
        return finding.status().name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> values(Finding finding) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("check", finding.check());
        values.put("status", word(finding));
        values.put("message", finding.message());
        return values;
    }
}
