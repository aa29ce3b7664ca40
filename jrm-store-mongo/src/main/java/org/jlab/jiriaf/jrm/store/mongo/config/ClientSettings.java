package org.jlab.jiriaf.jrm.store.mongo.config;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Turns a {@link LaunchpadConfig} into settings of the Java driver. The driver gets a connection string that holds only what it
 * takes: it would pass over what it does not know, such as pymongo's files for TLS, which are read here.
 */
final class ClientSettings {

    /** FireWorks' own default is pymongo's 30 s; a command that a user waits for should tell earlier. */
    private static final int SERVER_SELECTION_MILLIS = 10_000;

    /** FireWorks' own default. */
    private static final int SOCKET_MILLIS = 300_000;

    private final LaunchpadConfig config;

    ClientSettings(LaunchpadConfig config) {
        this.config = config;
    }

    MongoClientSettings build() {
        Login login = config.login();
        if (login != null && login.lacksUsername()) {
            throw fault("username: missing, which authMechanism " + login.mechanism() + " needs");
        }
        MongoClientSettings.Builder builder = MongoClientSettings.builder()
                .applicationName("jrm")
                .applyToClusterSettings(
                        cluster -> cluster.serverSelectionTimeout(SERVER_SELECTION_MILLIS, TimeUnit.MILLISECONDS))
                .applyToSocketSettings(socket -> socket.readTimeout(SOCKET_MILLIS, TimeUnit.MILLISECONDS));
        SSLContext context = config.tls().isEnabled() ? TlsFiles.of(config.tls(), config.source()) : null;
        try {
            builder.applyConnectionString(new ConnectionString(connectionString()));
        } catch (IllegalArgumentException e) {
            // The driver's own words may quote the login.
            throw fault("mongoclient_kwargs: the driver of MongoDB cannot use these options together, or not with these"
                    + " values: "
                    + String.join(", ", new TreeSet<>(config.clientOptions().keySet())));
        } catch (MongoException e) {
            throw fault("host: '" + config.host() + "' of the mongodb+srv URI cannot be looked up in DNS");
        }
        // After the connection string: with mongodb+srv it has TLS on, whatever else is said.
        builder.applyToSslSettings(ssl -> ssl.enabled(context != null).context(context));
        return builder.build();
    }

    private String connectionString() {
        Login login = config.login();
        String hosts = config.isSrv()
                ? config.host()
                : config.hosts().stream().map(HostPort::toString).collect(Collectors.joining(","));
        String database = config.databaseOfUri() == null ? "" : encode(config.databaseOfUri());
        return (config.isSrv() ? "mongodb+srv://" : "mongodb://") + userInfo(login) + hosts + "/" + database + "?"
                + String.join("&", parameters(login));
    }

    private static String userInfo(@Nullable Login login) {
        if (login == null || login.username() == null) {
            return "";
        }
        Secret password = login.password();
        return encode(login.username()) + (password == null ? "" : ":" + encode(password.reveal())) + "@";
    }

    private List<String> parameters(@Nullable Login login) {
        List<String> parameters = new ArrayList<>();
        config.clientOptions()
                .forEach((name, values) -> values.forEach(value -> parameters.add(name + "=" + encode(value))));
        if (login == null || login.isNone()) {
            return parameters;
        }
        if (login.mechanism() != null) {
            parameters.add("authMechanism=" + login.mechanism());
        }
        if (login.source() != null) {
            parameters.add("authSource=" + encode(login.source()));
        }
        return parameters;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private LaunchpadConfigException fault(String text) {
        return new LaunchpadConfigException(config.source(), List.of(text));
    }
}
