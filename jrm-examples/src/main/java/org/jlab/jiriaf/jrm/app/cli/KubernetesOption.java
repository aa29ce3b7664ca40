package org.jlab.jiriaf.jrm.app.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.k8s.fabric8.KubeconfigClient;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which Kubernetes cluster. */
final class KubernetesOption {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "Kubeconfig of the cluster that the nodes join. Default: $KUBECONFIG, which can be several"
                            + " with ':' between them, else ~/.kube/config. Without any, nodes are neither awaited nor deleted.")
    private @Nullable Path file;

    /**
     * Makes a client.
     *
     * @return the client, to be closed by the caller; null if there is no cluster
     */
    @Nullable
    KubernetesClient open() {
        return source().map(Supplier::get).orElse(null);
    }

    /**
     * Finds out whether there is a cluster, without making a client, which takes a second or two.
     *
     * @return makes a client, to be closed by the caller; empty if there is no cluster
     * @throws org.jlab.jiriaf.jrm.site.SiteConfigException if its kubeconfig cannot be used
     */
    Optional<Supplier<KubernetesClient>> source() {
        List<Path> files = files();
        if (files.isEmpty()) {
            return Optional.empty();
        }
        KubeconfigContext context = KubeconfigContext.read(files);
        return Optional.of(() -> KubeconfigClient.open(context));
    }

    /** As for kubectl, a file that is named has to be there, and of those in KUBECONFIG one at least. */
    private List<Path> files() {
        if (file != null) {
            return List.of(file);
        }
        String named = System.getenv("KUBECONFIG");
        if (named == null || named.isBlank()) {
            Path usual = Path.of(System.getProperty("user.home"), ".kube", "config");
            return Files.exists(usual) ? List.of(usual) : List.of();
        }
        return existing(named);
    }

    private List<Path> existing(String named) {
        try {
            List<Path> files = Stream.of(named.split(File.pathSeparator))
                    .filter(path -> !path.isEmpty())
                    .map(Path::of)
                    .filter(Files::exists)
                    .toList();
            if (!files.isEmpty()) {
                return files;
            }
        } catch (InvalidPathException e) {
            // Said below.
        }
        throw new ParameterException(
                command.commandLine(),
                "KUBECONFIG is " + named + ", and there is no such file; name one with --kubeconfig");
    }
}
