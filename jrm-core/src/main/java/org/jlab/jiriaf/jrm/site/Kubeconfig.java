package org.jlab.jiriaf.jrm.site;

import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.internal.Checks;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * A kubeconfig that JRMs are to use: the current context of a file, with everything that the file refers to. At a site the API
 * server is reached through a forward, so that its address there is {@code https://localhost:PORT}; its certificate is still
 * checked against the name that the file has. Immutable; never shows what it holds.
 *
 * @see <a href="https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/">kubeconfig (v1)</a>
 */
public final class Kubeconfig {

    private static final String NAME = "jrm";
    private static final String DATA = "-data";

    private final Map<String, Object> cluster;
    private final Map<String, Object> user;
    private final KubeconfigServer server;

    private Kubeconfig(Map<String, Object> cluster, Map<String, Object> user, KubeconfigServer server) {
        this.cluster = cluster;
        this.user = user;
        this.server = server;
    }

    /**
     * Reads the current context of a file, and the certificates, keys and tokens that it names.
     *
     * @param file the kubeconfig
     * @return what it says
     * @throws SiteConfigException if it cannot be read, has no current context, or has credentials that work on this host
     *     alone, such as those that a program gives
     */
    public static Kubeconfig read(Path file) {
        return of(KubeconfigFiles.read(List.of(file)));
    }

    /**
     * Reads the current context of a kubeconfig that somebody else has sent. It has to hold everything: what it says of files is
     * not believed.
     *
     * @param text the kubeconfig, such as {@link #flattened()} makes it
     * @return what it says
     * @throws SiteConfigException as with {@link #read}, or if it names a file
     */
    public static Kubeconfig parse(String text) {
        return of(KubeconfigFiles.parse(text));
    }

    /**
     * The current context alone, with everything that the file refers to, for somebody who cannot read those files.
     *
     * @return the file, YAML
     */
    public Secret flattened() {
        return file(cluster);
    }

    /**
     * What the file at a site says.
     *
     * @param apiserverPort port of the API server at the site
     * @return the file, YAML
     */
    public Secret atSite(int apiserverPort) {
        Checks.port(apiserverPort, "port of the API server");
        Map<String, Object> there = new LinkedHashMap<>(cluster);
        there.put("server", server.scheme() + "://localhost:" + apiserverPort + server.path());
        if (!server.isLoopback() && !Boolean.TRUE.equals(cluster.get("insecure-skip-tls-verify"))) {
            there.putIfAbsent("tls-server-name", server.host());
        }
        // It leads to where the server is reached from here.
        there.remove("proxy-url");
        return file(there);
    }

    private Secret file(Map<String, Object> withCluster) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("apiVersion", "v1");
        root.put("kind", "Config");
        root.put("clusters", List.of(Map.of("name", NAME, "cluster", withCluster)));
        root.put("users", List.of(Map.of("name", NAME, "user", user)));
        root.put("contexts", List.of(Map.of("name", NAME, "context", Map.of("cluster", NAME, "user", NAME))));
        root.put("current-context", NAME);
        DumpSettings settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return Secret.of(new Dump(settings).dumpToString(root));
    }

    @Override
    public String toString() {
        return "Kubeconfig[" + server + "]";
    }

    private static Kubeconfig of(KubeconfigFiles files) {
        KubeconfigBlock user = files.user();
        for (String program : List.of("exec", "auth-provider")) {
            if (user.has(program)) {
                throw user.fault("it gets credentials from a program (" + program
                        + "), which the site does not have; give one with a token or a client certificate");
            }
        }
        KubeconfigBlock cluster = files.cluster();
        return new Kubeconfig(
                inlined(cluster, "certificate-authority"),
                withToken(user, inlined(user, "client-certificate", "client-key")),
                KubeconfigContext.server(cluster));
    }

    /** Puts the content of files in the place of their names. */
    private static Map<String, Object> inlined(KubeconfigBlock block, String... keys) {
        Map<String, Object> result = new LinkedHashMap<>();
        block.values().forEach((key, value) -> {
            if (value != null) {
                result.put(String.valueOf(key), value);
            }
        });
        for (String key : keys) {
            byte[] content = block.bytes(key);
            result.remove(key);
            if (content != null) {
                result.put(key + DATA, Base64.getEncoder().encodeToString(content));
            }
        }
        return result;
    }

    private static Map<String, Object> withToken(KubeconfigBlock user, Map<String, Object> values) {
        String file = user.text("tokenFile");
        user.text("token");
        values.remove("tokenFile");
        if (file != null) {
            values.put("token", KubeconfigUser.tokenIn(user, user.resolved("tokenFile", file)));
        }
        return values;
    }
}
