package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jlab.jiriaf.jrm.node.NodeException;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.ClientCertificate;
import org.jspecify.annotations.Nullable;

/**
 * Makes a client of a kubeconfig that has been read as kubectl reads it. The library's own reader leaves out impersonation and
 * token files, and takes a context that is missing for {@code https://kubernetes.default.svc}.
 */
public final class KubeconfigClient {

    private KubeconfigClient() {}

    /**
     * Makes a client. Answers that no memory could hold end in an error; watches over web sockets are not bounded. It asks nothing
     * yet; a program that gives credentials runs with the first request.
     *
     * @param context the current context
     * @return the client, to be closed by the caller
     * @throws NodeException if the client certificate and its key do not belong together or are of an unknown kind
     */
    public static KubernetesClient open(KubeconfigContext context) {
        return open(context, ExecPlugin.TIMEOUT);
    }

    /**
     * Makes a client whose program for credentials, if it has one, may take a while of its own; 60 s otherwise.
     *
     * @param context the current context
     * @param pluginTimeout how long the program may run; after that it is ended, with those that it has started
     * @return the client, to be closed by the caller
     * @throws NodeException if the client certificate and its key do not belong together or are of an unknown kind
     */
    public static KubernetesClient open(KubeconfigContext context, Duration pluginTimeout) {
        if (pluginTimeout.isNegative() || pluginTimeout.isZero()) {
            throw new IllegalArgumentException("pluginTimeout must be more than nothing, not " + pluginTimeout);
        }
        KubeconfigCredentials credentials = new KubeconfigCredentials(context, pluginTimeout);
        Config config = config(context);
        KeyManager[] keys = keys(context, credentials);
        TrustManager[] authorities = authorities(config, context);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer((HttpClient.Builder http) -> {
                    http.sslContext(keys, authorities);
                    // Theirs would set headers of its own.
                    http.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, credentials);
                    http.addOrReplaceInterceptor(AnswerBounds.NAME, new AnswerBounds(true));
                })
                .build();
    }

    private static Config config(KubeconfigContext context) {
        KubeconfigContext.Cluster cluster = context.cluster();
        String authority = cluster.authority();
        ConfigBuilder config = new ConfigBuilder(Config.empty())
                .withMasterUrl(cluster.server())
                .withTrustCerts(cluster.insecure())
                .withDisableHostnameVerification(cluster.insecure())
                .withTlsServerName(cluster.tlsServerName())
                .withCaCertData(authority == null ? null : ExecPlugin.base64(authority));
        return proxied(config, cluster).build();
    }

    /** The proxy of the kubeconfig, else the one of the environment, but none to this host. */
    private static ConfigBuilder proxied(ConfigBuilder config, KubeconfigContext.Cluster cluster) {
        if (cluster.proxyUrl() != null) {
            URI proxy = URI.create(cluster.proxyUrl());
            String[] login = proxy.getUserInfo() == null
                    ? new String[0]
                    : proxy.getUserInfo().split(":", 2);
            return config.withHttpProxy(cluster.proxyUrl())
                    .withHttpsProxy(cluster.proxyUrl())
                    .withNoProxy()
                    .withProxyUsername(login.length == 0 ? null : login[0])
                    .withProxyPassword(login.length == 0 ? null : login.length == 1 ? "" : login[1]);
        }
        if (cluster.loopback()) {
            return config;
        }
        Config environment = Config.empty();
        Config.configFromSysPropsOrEnvVars(environment);
        return config.withHttpProxy(environment.getHttpProxy())
                .withHttpsProxy(environment.getHttpsProxy())
                .withNoProxy(environment.getNoProxy());
    }

    private static TrustManager[] authorities(Config config, KubeconfigContext context) {
        try {
            return named(SSLUtils.trustManagers(config), context.cluster());
        } catch (GeneralSecurityException | IOException e) {
            throw new NodeException(
                    context.source() + ": cluster '" + context.cluster().name()
                            + "': certificate-authority cannot be used: " + e.getMessage(),
                    e,
                    false);
        }
    }

    private static TrustManager[] named(TrustManager[] managers, KubeconfigContext.Cluster cluster) {
        String name = cluster.tlsServerName();
        if (name != null && !cluster.insecure()) {
            for (int i = 0; i < managers.length; i++) {
                if (managers[i] instanceof X509ExtendedTrustManager authorities) {
                    managers[i] = new ServerNameTrustManager(authorities, name);
                }
            }
        }
        return managers;
    }

    private static KeyManager @Nullable [] keys(KubeconfigContext context, KubeconfigCredentials credentials) {
        if (credentials.givesCertificates()) {
            return new KeyManager[] {new PluginKeyManager(context.user().place(), credentials)};
        }
        ClientCertificate certificate = credentials.certificate();
        return certificate == null ? null : keys(context.user().place(), certificate);
    }

    /** What TLS needs of a client certificate. */
    static KeyManager[] keys(String place, ClientCertificate certificate) {
        try {
            String key = ExecPlugin.base64(certificate.key().reveal());
            return SSLUtils.keyManagers(
                    ExecPlugin.base64(certificate.certificate()),
                    null,
                    key,
                    null,
                    algorithm(certificate),
                    "changeit",
                    null,
                    null);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // Without the cause, whose message can quote the key.
            throw new NodeException(
                    place
                            + ": client-certificate and client-key cannot be used together; expected PEM, the key without a"
                            + " passphrase",
                    null,
                    false);
        }
    }

    /** Of the key: PKCS #8 does not say it where the library looks. */
    private static String algorithm(ClientCertificate certificate) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(certificate.certificate().getBytes(StandardCharsets.ISO_8859_1)))
                .getPublicKey()
                .getAlgorithm();
    }
}
