package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jlab.jiriaf.jrm.internal.Checks;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A kubeconfig that JRMs are to use: the current context of a file, with everything that the file refers to. At a site the API
 * server is reached through a forward, so that its address there is {@code https://localhost:PORT}; its certificate is still
 * checked against the name that the file has. Immutable; never shows what it holds.
 *
 * @see <a href="https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/">kubeconfig (v1)</a>
 */
public final class Kubeconfig {

    private static final String NAME = "jrm";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String DATA = "-data";

    private final Map<String, Object> cluster;
    private final Map<String, Object> user;
    private final URI server;

    private Kubeconfig(Map<String, Object> cluster, Map<String, Object> user, URI server) {
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
        String name = "kubeconfig " + file;
        try {
            return new Reader(name, file).read(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new SiteConfigException(name, List.of("there is no such file"));
        } catch (IOException e) {
            throw new SiteConfigException(name, List.of("cannot be read: " + e.getMessage()));
        }
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
        return new Reader("kubeconfig", null).read(text);
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
        String path = server.getRawPath() == null ? "" : server.getRawPath();
        there.put("server", server.getScheme() + "://localhost:" + apiserverPort + path);
        if (!LOOPBACK.contains(server.getHost()) && !Boolean.TRUE.equals(cluster.get("insecure-skip-tls-verify"))) {
            there.putIfAbsent("tls-server-name", server.getHost());
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
        return "Kubeconfig[" + server.getScheme() + "://" + server.getRawAuthority() + "]";
    }

    /** Reads one file. What it says of faults never quotes a value. */
    private static final class Reader {

        private final String source;
        private final @Nullable Path file;

        /** Reads files that it names only if it is a file itself. */
        Reader(String source, @Nullable Path file) {
            this.source = source;
            this.file = file;
        }

        Kubeconfig read(String text) {
            Map<?, ?> root = map(load(text), "it");
            String name = text(root, "current-context", "it");
            Map<?, ?> context = named(root, "contexts", "context", name);
            Map<?, ?> cluster =
                    named(root, "clusters", "cluster", text(context, "cluster", "its context '" + name + "'"));
            Map<?, ?> user = named(root, "users", "user", text(context, "user", "its context '" + name + "'"));
            for (String program : List.of("exec", "auth-provider")) {
                if (user.get(program) != null) {
                    throw fault("its user gets credentials from a program (" + program
                            + "), which the site does not have; give one with a token or a client certificate");
                }
            }
            return new Kubeconfig(
                    inlined(cluster, "certificate-authority"),
                    inlined(withToken(user), "client-certificate", "client-key"),
                    server(text(cluster, "server", "its cluster")));
        }

        private Object load(String text) {
            try {
                LoadSettings settings = LoadSettings.builder().setLabel(source).build();
                YamlDepth.require(settings, text, source);
                return Objects.requireNonNullElse(new Load(settings).loadFromString(text), Map.of());
            } catch (YamlEngineException e) {
                // The library's message quotes the line.
                throw fault("is not YAML");
            }
        }

        private URI server(String address) {
            try {
                URI uri = new URI(address);
                if (uri.getHost() != null && List.of("https", "http").contains(uri.getScheme())) {
                    return uri;
                }
            } catch (URISyntaxException e) {
                // Said below.
            }
            throw fault("its server is no https address");
        }

        /** Puts the content of files in the place of their names. */
        private Map<String, Object> inlined(Map<?, ?> values, String... keys) {
            Map<String, Object> result = new LinkedHashMap<>();
            values.forEach((key, value) -> {
                if (value != null) {
                    result.put(String.valueOf(key), value);
                }
            });
            for (String key : keys) {
                Object named = result.remove(key);
                // As in kubectl, the data counts where both are there.
                if (named != null && !result.containsKey(key + DATA)) {
                    result.put(key + DATA, Base64.getEncoder().encodeToString(bytes(key, named)));
                }
            }
            return result;
        }

        private Map<?, ?> withToken(Map<?, ?> user) {
            Object tokenFile = user.get("tokenFile");
            if (tokenFile == null) {
                return user;
            }
            Map<Object, Object> result = new LinkedHashMap<>(user);
            result.remove("tokenFile");
            result.put("token", new String(bytes("tokenFile", tokenFile), StandardCharsets.UTF_8).strip());
            return result;
        }

        private byte[] bytes(String key, Object path) {
            if (file == null) {
                throw fault(
                        "its " + key + " is a file, and files are not read here; send what 'kubectl config view --raw"
                                + " --minify --flatten' prints");
            }
            Path named = file.toAbsolutePath().resolveSibling(String.valueOf(path));
            try {
                return Files.readAllBytes(named);
            } catch (IOException e) {
                throw fault("its " + key + " " + named + " cannot be read: " + e.getMessage());
            }
        }

        private Map<?, ?> named(Map<?, ?> root, String list, String kind, String name) {
            if (root.get(list) instanceof List<?> entries) {
                for (Object entry : entries) {
                    if (entry instanceof Map<?, ?> one && name.equals(one.get("name"))) {
                        return map(one.get(kind), "its " + kind + " '" + name + "'");
                    }
                }
            }
            throw fault("it has no " + kind + " '" + name + "'");
        }

        private Map<?, ?> map(@Nullable Object value, String what) {
            if (value instanceof Map<?, ?> map) {
                return map;
            }
            throw fault(what + " is no block of keys");
        }

        private String text(Map<?, ?> map, String key, String where) {
            if (map.get(key) instanceof String text && !text.isBlank()) {
                return text;
            }
            throw fault(where + " has no " + key);
        }

        private SiteConfigException fault(String what) {
            return new SiteConfigException(source, List.of(what));
        }
    }
}
