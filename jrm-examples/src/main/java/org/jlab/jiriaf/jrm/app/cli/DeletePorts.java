package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.deploy.PortReleaseOutcome;
import org.jlab.jiriaf.jrm.port.PortLease;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.report.ForwardView;
import org.jlab.jiriaf.jrm.report.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "delete_ports",
        description = "Gives up what jrm holds on this host in a range of ports: forwards and leases, also those of"
                + " deployments that live; their nodes and jobs go on, without metrics on these ports. Names what"
                + " belongs to others. Kills nothing.",
        footer = {"", "Example: jrm delete_ports 20000 20100"})
final class DeletePorts implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final DeployerOptions backends = new DeployerOptions();

    @Mixin
    private final ServerOption server = new ServerOption();

    @Parameters(index = "0", paramLabel = "START", description = "First port.")
    private int start;

    @Parameters(index = "1", paramLabel = "END", description = "Last port.")
    private int end;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PortRange range = range();
        return Interruption.guard(() -> close(range));
    }

    private PortRange range() {
        try {
            return new PortRange(start, end);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private int close(PortRange range) {
        List<PortReleaseOutcome> closures = new ArrayList<>();
        server.find(backends.launchpad(), common.err()).ifPresent(service -> closures.addAll(byHand(service, range)));
        Set<Integer> closed = closures.stream().map(PortReleaseOutcome::port).collect(Collectors.toSet());
        try (Deployer deployer = backends.open(DeploymentSettings.DEFAULTS, common.err())) {
            deployer.jrm().deletePorts(range).stream()
                    .filter(closure -> !closed.contains(closure.port()))
                    .forEach(closures::add);
        }
        closures.sort(Comparator.comparing(PortReleaseOutcome::port));
        common.out()
                .println(
                        json
                                ? Serialization.asJson(closures.stream()
                                        .map(DeletePorts::values)
                                        .toList())
                                : table(range, closures));
        return 0;
    }

    /** What a service holds that was opened by hand, it alone can close. */
    private static List<PortReleaseOutcome> byHand(ServiceClient service, PortRange range) {
        List<ForwardView> forwards = service.tunnels().stream()
                .filter(forward -> forward.workflow() == null
                        && forward.deployment().startsWith(PortLease.NO_DEPLOYMENT)
                        && range.contains(forward.port()))
                .toList();
        if (!forwards.isEmpty()) {
            service.closePorts(forwards.stream().map(ForwardView::port).toList());
        }
        return forwards.stream()
                .map(forward -> new PortReleaseOutcome(
                        forward.port(),
                        forward.deployment().substring(PortLease.NO_DEPLOYMENT.length()),
                        true,
                        forward.forward() + " closed, which was opened by hand"))
                .toList();
    }

    private static String table(PortRange range, List<PortReleaseOutcome> closures) {
        if (closures.isEmpty()) {
            return "Nothing is leased or in use in " + range;
        }
        TextTable table = new TextTable("PORT", "CLOSED", "DEPLOYMENT", "");
        closures.forEach(closure -> table.add(
                String.valueOf(closure.port()),
                closure.closed() ? "yes" : "no",
                Objects.requireNonNullElse(closure.owner(), "-"),
                closure.reason()));
        return table.toString().stripTrailing();
    }

    private static Map<String, @Nullable Object> values(PortReleaseOutcome closure) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("port", closure.port());
        values.put("deployment", closure.owner());
        values.put("closed", closure.closed());
        values.put("reason", closure.reason());
        return values;
    }
}
