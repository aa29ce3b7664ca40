package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.site.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Where a LaunchPad is and how to log in to it: FireWorks' {@code my_launchpad.yaml}, in every form that FireWorks 1.9.7 and 2.x take.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>default</th><th>meaning</th></tr>
 * <tr><td>host</td><td>localhost</td><td>host name, or a {@code mongodb://} URI</td></tr>
 * <tr><td>port</td><td>27017</td><td></td></tr>
 * <tr><td>name</td><td>fireworks</td><td>the database</td></tr>
 * <tr><td>username, password</td><td>none</td><td></td></tr>
 * <tr><td>authsource</td><td>value of name</td><td>database that knows the user</td></tr>
 * <tr><td>uri_mode</td><td>false</td><td>host is the whole URI; username, password and port are ignored; name, or else the
 *     last part of the URI, is the database</td></tr>
 * <tr><td>mongoclient_kwargs</td><td>none</td><td>options as pymongo takes them: tls, tlsCAFile, tlsCertificateKeyFile,
 *     replicaSet, serverSelectionTimeoutMS ...</td></tr>
 * <tr><td>ssl, ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_pem_passphrase</td><td>none</td><td>the same for FireWorks
 *     1.9.7</td></tr>
 * <tr><td>logdir, strm_lvl, user_indices, wf_user_indices</td><td></td><td>FireWorks' own; not used</td></tr>
 * </table>
 *
 * <p>The file is read by YAML 1.2 rules. Immutable. The password is never shown.
 */
public final class LaunchpadConfig {

    private final String host;
    private final int port;
    private final String databaseName;
    private final @Nullable String username;
    private final @Nullable Secret password;
    private final String authSource;
    private final @Nullable Secret uri;
    private final Map<String, String> clientOptions;
    private final List<String> warnings;

    LaunchpadConfig(
            String host,
            int port,
            String databaseName,
            @Nullable String username,
            @Nullable Secret password,
            String authSource,
            @Nullable Secret uri,
            Map<String, String> clientOptions,
            List<String> warnings) {
        this.host = host;
        this.port = port;
        this.databaseName = databaseName;
        this.username = username;
        this.password = password;
        this.authSource = authSource;
        this.uri = uri;
        this.clientOptions = Map.copyOf(clientOptions);
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file.
     *
     * @param file usually {@code my_launchpad.yaml}
     * @return what it says
     * @throws LaunchpadConfigException if it cannot be read, or says something that cannot be; all faults at once
     */
    public static LaunchpadConfig read(Path file) {
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
        } catch (NoSuchFileException e) {
            throw new LaunchpadConfigException(
                    file.toString(), List.of("there is no such file; FireWorks makes one with 'lpad init'"));
        } catch (IOException e) {
            throw new LaunchpadConfigException(file.toString(), List.of("cannot be read: " + e));
        }
    }

    /**
     * Reads a text.
     *
     * @param yaml the text
     * @param source where it came from, for error messages
     * @return what it says
     * @throws LaunchpadConfigException if it says something that cannot be; all faults at once
     */
    public static LaunchpadConfig parse(String yaml, String source) {
        return new LaunchpadConfigReader(source).read(yaml);
    }

    /**
     * A LaunchPad without login.
     *
     * @param host host name or address
     * @param port port
     * @param databaseName the database
     * @return the configuration
     */
    public static LaunchpadConfig of(String host, int port, String databaseName) {
        return new LaunchpadConfig(host, port, databaseName, null, null, databaseName, null, Map.of(), List.of());
    }

    /**
     * The same LaunchPad with a login.
     *
     * @param user user name
     * @param secret its password
     * @return the configuration
     */
    public LaunchpadConfig withLogin(String user, Secret secret) {
        return new LaunchpadConfig(host, port, databaseName, user, secret, authSource, uri, clientOptions, warnings);
    }

    /**
     * Opens a client. Does not wait for a server: the first operation does, for 10 s unless {@code serverSelectionTimeoutMS}
     * says otherwise.
     *
     * @return the client, which the caller closes
     * @throws LaunchpadConfigException if an option or a TLS file cannot be used
     */
    public MongoClient open() {
        return MongoClients.create(clientSettings());
    }

    /**
     * What a client of the driver is made with.
     *
     * @return the settings
     * @throws LaunchpadConfigException if an option or a TLS file cannot be used
     */
    public MongoClientSettings clientSettings() {
        return new ClientSettings(this).build();
    }

    /**
     * Host name or address of the server.
     *
     * @return the host; in {@code uri_mode} the URI without its login
     */
    public String host() {
        return host;
    }

    /**
     * Port of the server.
     *
     * @return the port; in {@code uri_mode} the URI decides
     */
    public int port() {
        return port;
    }

    /**
     * Name of the database.
     *
     * @return the name
     */
    public String databaseName() {
        return databaseName;
    }

    /**
     * What is odd but can be used: keys that nobody knows, settings on which FireWorks' versions differ.
     *
     * @return one text per warning
     */
    public List<String> warnings() {
        return warnings;
    }

    @Nullable
    String username() {
        return username;
    }

    @Nullable
    Secret password() {
        return password;
    }

    String authSource() {
        return authSource;
    }

    @Nullable
    Secret uri() {
        return uri;
    }

    Map<String, String> clientOptions() {
        return clientOptions;
    }

    /** Says where and as whom, never with which password. */
    @Override
    public String toString() {
        return "LaunchPad " + databaseName + " at " + host + (uri == null ? ":" + port : "")
                + (username == null ? "" : " as " + username);
    }
}
