package org.jlab.jiriaf.jrm.k8s.fabric8;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;

/**
 * Asks a server for its version, once by jrm and once by kubectl, with the same kubeconfigs.
 *
 * @param files the kubeconfigs
 * @param arrived what arrived at the server or proxy since it was last asked, or "nothing"
 */
record VersionRequest(List<Path> files, Supplier<String> arrived) {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** What arrived, or jrm's message if it sent nothing. */
    String byJrm() {
        var unused = arrived.get();
        try (KubernetesClient client = KubeconfigClient.open(KubeconfigContext.read(files))) {
            new ApiServer(client).send(ApiServer.Call.get("Asking for the version", "/version"), Deadline.in(TIMEOUT));
            return arrived.get();
        } catch (JrmException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * What arrived, or "nothing" if kubectl failed.
     *
     * @param home folder for its cache and output
     */
    String byKubectl(Path home) throws Exception {
        var unused = arrived.get();
        ProcessBuilder kubectl = new ProcessBuilder("kubectl", "version", "-o", "json", "--request-timeout=20s")
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(home.resolve("kubectl.log").toFile());
        kubectl.environment().put("HOME", home.toString());
        kubectl.environment()
                .put("KUBECONFIG", files.stream().map(Path::toString).collect(Collectors.joining(":")));
        Process process = kubectl.start();
        assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                .as("kubectl ends")
                .isTrue();
        return process.exitValue() == 0 ? arrived.get() : "nothing";
    }
}
