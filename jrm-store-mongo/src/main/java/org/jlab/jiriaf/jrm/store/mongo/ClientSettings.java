package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.ServerAddress;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jlab.jiriaf.jrm.site.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Turns a {@link LaunchpadConfig} into settings of the Java driver. pymongo's options are those of MongoDB's connection
 * string; only the files for TLS are unknown to the Java driver and read here.
 */
final class ClientSettings {

    /** FireWorks' own default is pymongo's 30 s; a command that a user waits for should tell earlier. */
    private static final int SERVER_SELECTION_MILLIS = 10_000;

    /** FireWorks' own default. */
    private static final int SOCKET_MILLIS = 300_000;

    private static final String CA_FILE = "tlsCAFile";
    private static final String CERTIFICATE_FILE = "tlsCertificateKeyFile";
    private static final String KEY_FILE = "tlsPrivateKeyFile";
    private static final String PASSPHRASE = "tlsCertificateKeyFilePassword";
    private static final String ANY_CERTIFICATE = "tlsAllowInvalidCertificates";

    /** Read here, or of no meaning outside Python. */
    private static final Set<String> NOT_FOR_THE_DRIVER = Set.of(
            CA_FILE, CERTIFICATE_FILE, KEY_FILE, PASSPHRASE, ANY_CERTIFICATE, "connect", "tz_aware", "host", "port");

    private final LaunchpadConfig config;
    private final Map<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    ClientSettings(LaunchpadConfig config) {
        this.config = config;
        this.options.putAll(config.clientOptions());
        rename("ssl", "tls");
        rename("ssl_ca_certs", CA_FILE);
        rename("ssl_certfile", CERTIFICATE_FILE);
        rename("ssl_keyfile", KEY_FILE);
        rename("ssl_pem_passphrase", PASSPHRASE);
    }

    private void rename(String old, String name) {
        String value = options.remove(old);
        if (value != null) {
            options.putIfAbsent(name, value);
        }
    }

    MongoClientSettings build() {
        String username = options.remove("username");
        String password = options.remove("password");
        MongoClientSettings.Builder builder = MongoClientSettings.builder()
                .applicationName("jrm")
                .applyToClusterSettings(
                        cluster -> cluster.serverSelectionTimeout(SERVER_SELECTION_MILLIS, TimeUnit.MILLISECONDS))
                .applyToSocketSettings(socket -> socket.readTimeout(SOCKET_MILLIS, TimeUnit.MILLISECONDS));
        applyConnectionString(builder);
        if (config.uri() == null) {
            builder.applyToClusterSettings(
                    cluster -> cluster.hosts(List.of(new ServerAddress(config.host(), config.port()))));
        }
        Secret secret = password == null ? config.password() : Secret.of(password);
        String user = username == null ? config.username() : username;
        if (user != null && secret != null) {
            builder.credential(credential(user, secret));
        }
        applyTls(builder);
        return builder.build();
    }

    /** Left to the server to choose the mechanism unless {@code authMechanism} is given. */
    private MongoCredential credential(String user, Secret secret) {
        String mechanism = options.getOrDefault("authMechanism", "");
        String source = options.getOrDefault("authSource", config.authSource());
        char[] plain = secret.reveal().toCharArray();
        return switch (mechanism) {
            case "SCRAM-SHA-1" -> MongoCredential.createScramSha1Credential(user, source, plain);
            case "SCRAM-SHA-256" -> MongoCredential.createScramSha256Credential(user, source, plain);
            case "PLAIN" -> MongoCredential.createPlainCredential(user, source, plain);
            default -> MongoCredential.createCredential(user, source, plain);
        };
    }

    private void applyConnectionString(MongoClientSettings.Builder builder) {
        Secret uri = config.uri();
        String base = uri == null ? "mongodb://localhost/" : uri.reveal();
        List<String> parameters = new ArrayList<>();
        options.forEach((option, value) -> {
            boolean loginOfFile =
                    uri == null && Set.of("authMechanism", "authSource").contains(option);
            if (!NOT_FOR_THE_DRIVER.contains(option) && !loginOfFile) {
                parameters.add(option + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        });
        try {
            builder.applyConnectionString(new ConnectionString(append(base, parameters)));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw fault(
                    uri == null
                            ? "mongoclient_kwargs: " + message
                            : "host: the URI cannot be used. Special characters of user and password must be written as %XX");
        }
    }

    private static String append(String uri, List<String> parameters) {
        if (parameters.isEmpty()) {
            return uri;
        }
        String all = String.join("&", parameters);
        if (uri.contains("?")) {
            return uri + "&" + all;
        }
        boolean hasPath = uri.indexOf('/', uri.indexOf("://") + 3) >= 0;
        return uri + (hasPath ? "?" : "/?") + all;
    }

    private void applyTls(MongoClientSettings.Builder builder) {
        String ca = options.get(CA_FILE);
        String certificate = options.get(CERTIFICATE_FILE);
        boolean any = "true".equalsIgnoreCase(options.get(ANY_CERTIFICATE));
        if (ca == null && certificate == null && !any) {
            return;
        }
        if (any) {
            throw fault(
                    ANY_CERTIFICATE + ": jrm checks the server's certificate; name its CA in " + CA_FILE + " instead");
        }
        if ("false".equalsIgnoreCase(options.get("tls"))) {
            return;
        }
        SSLContext context = tls(ca, certificate);
        builder.applyToSslSettings(ssl -> ssl.enabled(true).context(context));
    }

    private SSLContext tls(@Nullable String ca, @Nullable String certificate) {
        try {
            return TlsFiles.context(path(ca), path(certificate), path(options.get(KEY_FILE)), options.get(PASSPHRASE));
        } catch (IOException | GeneralSecurityException e) {
            throw fault("TLS cannot be set up from " + (ca == null ? certificate : ca) + ": " + e.getMessage()
                    + ". Expected PEM files; a private key as PKCS#8 or RSA");
        }
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    private LaunchpadConfigException fault(String text) {
        return new LaunchpadConfigException(config.toString(), List.of(text));
    }
}
