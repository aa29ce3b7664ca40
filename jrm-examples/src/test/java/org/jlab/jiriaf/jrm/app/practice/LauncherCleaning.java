package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;

/**
 * What the existing launcher would clean up of a Firework: it reads these fields, as texts, and knows nothing of jrm.
 *
 * @param nodes nodes that it would delete from Kubernetes
 * @param ports ports that it would free
 * @param sharedPorts ports of LaunchPad and API server, which it finds beside them
 */
record LauncherCleaning(Set<String> nodes, Set<Integer> ports, Set<Integer> sharedPorts) {

    static LauncherCleaning of(Document firework) {
        Document spec = firework.get("spec", Document.class);
        Document jrms = spec.get("jrms_info", Document.class);
        Document ssh = spec.get("ssh_info", Document.class);
        Set<Integer> ports = new HashSet<>();
        for (Document entry : ssh.getList("ssh_metrics", Document.class)) {
            ports.add(Integer.valueOf(entry.getString("port")));
        }
        for (Document entry : ssh.getList("ssh_custom_metrics", Document.class)) {
            Document port = entry.get("port", Document.class);
            ports.add(Integer.valueOf(port.getString("mapped_port")));
            assertThat(jrms.get("mapped_custom_metrics_ports", Document.class))
                    .containsEntry(port.getString("mapped_port"), port.getString("custom_metrics_port"));
        }
        Set<Integer> shared = new HashSet<>();
        for (String field : List.of("ssh_db", "ssh_apiserver")) {
            shared.add(Integer.valueOf(ssh.get(field, Document.class).getString("port")));
        }
        return new LauncherCleaning(new HashSet<>(jrms.getList("nodenames", String.class)), ports, shared);
    }

    /** Checks that it would find all of a deployment, and nothing else. */
    static void assertFindsAllOf(ChainRun run) {
        LauncherCleaning found = of(run.firework());
        assertThat(found.nodes())
                .containsExactlyInAnyOrderElementsOf(
                        run.jrms().stream().map(JrmEndpoints::node).toList());
        assertThat(found.ports()).isEqualTo(run.ports());
        assertThat(found.sharedPorts())
                .containsExactlyInAnyOrder(PracticeSite.LAUNCHPAD_PORT, PracticeSite.APISERVER_PORT);
    }
}
