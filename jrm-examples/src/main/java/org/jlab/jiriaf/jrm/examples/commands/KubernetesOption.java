package org.jlab.jiriaf.jrm.examples.commands;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jlab.jiriaf.jrm.JrmException;
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
            description = "Kubeconfig of the cluster that the nodes join. Default: $KUBECONFIG, else"
                    + " ~/.kube/config. Without any, nodes are neither awaited nor deleted.")
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
     */
    Optional<Supplier<KubernetesClient>> source() {
        if (file != null) {
            if (!Files.isReadable(file)) {
                throw new ParameterException(command.commandLine(), "Cannot read the kubeconfig " + file);
            }
            File kubeconfig = file.toFile();
            return Optional.of(() -> client(read(kubeconfig)));
        }
        return isConfigured() ? Optional.of(() -> client(Config.autoConfigure(null))) : Optional.empty();
    }

    private static Config read(File kubeconfig) {
        try {
            return Config.fromKubeconfig(kubeconfig);
        } catch (RuntimeException e) {
            throw new JrmException(
                    kubeconfig + " is no kubeconfig that can be used: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                            + ". 'kubectl --kubeconfig " + kubeconfig + " get nodes' has to work",
                    e,
                    false);
        }
    }

    private static boolean isConfigured() {
        String named = System.getenv("KUBECONFIG");
        return (named != null && !named.isBlank())
                || Files.exists(Path.of(System.getProperty("user.home"), ".kube", "config"));
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
