package org.jlab.jiriaf.jrm.site;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The current context of one or several kubeconfigs, as kubectl reads it: which API server, and as which user. Certificates and
 * keys are read at once, tokens in files and those of programs when they are needed, as they change. Immutable; shows no secret.
 *
 * @param source which kubeconfigs, for messages
 * @param name name of the context
 * @param cluster where the API server is
 * @param user what the API server is told of us
 * @see <a href="https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/">kubeconfig (v1)</a>
 */
public record KubeconfigContext(String source, String name, Cluster cluster, KubeconfigUser user) {

    /**
     * Where an API server is, and how it is known to be the right one.
     *
     * @param name name in the kubeconfig
     * @param server its URL, http or https, without a slash at the end
     * @param loopback whether it is on this host
     * @param tlsServerName name that its certificate is for; null for the one in the URL
     * @param insecure whether its certificate is not checked
     * @param authority certificates to trust, PEM; null for those of the system
     * @param proxyUrl proxy on the way, http or socks5, with its port; or null
     * @param execConfig what an exec plugin is told as {@code config} of the cluster, or null
     */
    public record Cluster(
            String name,
            String server,
            boolean loopback,
            @Nullable String tlsServerName,
            boolean insecure,
            @Nullable String authority,
            @Nullable String proxyUrl,
            @Nullable Object execConfig) {}

    private static final Map<String, Integer> PROXY_PORTS = Map.of("http", 80, "socks5", 1080);
    private static final int MAX_PORT = 65_535;
    private static final String EXEC_EXTENSION = "client.authentication.k8s.io/exec";

    /**
     * Reads the current context.
     *
     * @param files kubeconfigs, all of which have to be there; of several the first counts, name by name
     * @return the context
     * @throws SiteConfigException if they cannot be read or used; the message names file, context, cluster or user, and key
     */
    public static KubeconfigContext read(List<Path> files) {
        KubeconfigFiles kubeconfig = KubeconfigFiles.read(files);
        KubeconfigBlock context = kubeconfig.context();
        KubeconfigServer server = server(kubeconfig.cluster());
        Cluster cluster = cluster(context.required("cluster"), server, kubeconfig.cluster());
        KubeconfigUser user = KubeconfigUser.of(kubeconfig.user());
        if (server.isHttps() && !user.hasCredentials()) {
            throw kubeconfig.user().fault("no credentials; expected " + KubeconfigUser.EXPECTED);
        }
        return new KubeconfigContext(context.source(), kubeconfig.current(), cluster, user);
    }

    /** Whether the API server is told the credentials. As kubectl, not over http, unless it stays on this host. */
    public boolean sendsCredentials() {
        return cluster.server().startsWith("https:") || cluster.loopback();
    }

    static KubeconfigServer server(KubeconfigBlock cluster) {
        String text = cluster.required("server");
        KubeconfigServer server = KubeconfigServer.parse(text);
        if (server == null) {
            throw cluster.fault("server " + KubeconfigBlock.shown(text.replaceAll("//.*@", "//..@"))
                    + " is no address; expected https://HOST:PORT without user, password or query");
        }
        return server;
    }

    private static Cluster cluster(String name, KubeconfigServer server, KubeconfigBlock block) {
        boolean insecure = block.flag("insecure-skip-tls-verify");
        if (insecure && server.isHttps() && block.hasBytes("certificate-authority")) {
            throw block.fault("insecure-skip-tls-verify is true beside a certificate-authority; expected one of them");
        }
        return new Cluster(
                name,
                server.toString(),
                server.isLoopback(),
                block.text("tls-server-name"),
                insecure,
                authority(block),
                proxy(block),
                execConfig(block));
    }

    private static @Nullable String authority(KubeconfigBlock block) {
        byte[] pem = block.bytes("certificate-authority");
        return pem == null ? null : certificates(block, "certificate-authority", pem);
    }

    /** Certificates in PEM, if they are some. */
    static String certificates(KubeconfigBlock block, String key, byte[] pem) {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        try {
            if (text.contains("-----BEGIN")
                    && !CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem))
                            .isEmpty()) {
                return text;
            }
        } catch (CertificateException e) {
            // Said below.
        }
        throw block.fault(key + " holds no certificate; expected PEM, with -----BEGIN CERTIFICATE-----");
    }

    private static @Nullable String proxy(KubeconfigBlock block) {
        String text = block.text("proxy-url");
        if (text == null) {
            return null;
        }
        try {
            URI proxy = new URI(text);
            String scheme = proxy.getScheme() == null ? "" : proxy.getScheme().toLowerCase(Locale.ROOT);
            Integer usual = PROXY_PORTS.get(scheme);
            if (scheme.equals("https")) {
                throw block.fault("proxy-url is an https proxy, which jrm cannot use: it would send the login in clear;"
                        + " expected http:// or socks5://");
            }
            if (usual != null && proxy.getHost() != null && proxy.getPort() <= MAX_PORT) {
                int port = proxy.getPort() < 0 ? usual : proxy.getPort();
                return new URI(scheme, proxy.getUserInfo(), proxy.getHost(), port, null, null, null).toString();
            }
        } catch (URISyntaxException e) {
            // Said below, without the value, which may hold a password.
        }
        throw block.fault("proxy-url is no proxy; expected http:// or socks5:// with host and port");
    }

    private static @Nullable Object execConfig(KubeconfigBlock block) {
        for (KubeconfigBlock extension : block.blocks("extensions")) {
            if (EXEC_EXTENSION.equals(extension.values().get("name"))) {
                return extension.values().get("extension");
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return "KubeconfigContext[" + name + ", " + cluster.server() + "]";
    }
}
