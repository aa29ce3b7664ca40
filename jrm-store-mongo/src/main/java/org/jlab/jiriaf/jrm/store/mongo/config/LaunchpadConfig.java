package org.jlab.jiriaf.jrm.store.mongo.config;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a LaunchPad is and how to log in to it: FireWorks' {@code my_launchpad.yaml}, in every form that FireWorks 1.9.7 and 2.x take.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>default</th><th>meaning</th></tr>
 * <tr><td>host</td><td>localhost</td><td>host name, host:port, a list of them, or a {@code mongodb://} or
 *     {@code mongodb+srv://} URI</td></tr>
 * <tr><td>port</td><td>27017</td><td>of hosts without one</td></tr>
 * <tr><td>name</td><td>fireworks</td><td>the database</td></tr>
 * <tr><td>username, password</td><td>none</td><td></td></tr>
 * <tr><td>authsource</td><td>value of name</td><td>database that knows the user</td></tr>
 * <tr><td>uri_mode</td><td>false</td><td>host is the whole URI; username, password, authsource, port and the ssl keys are
 *     ignored; name, or else the database in the URI, is the database</td></tr>
 * <tr><td>mongoclient_kwargs</td><td>none</td><td>options as pymongo takes them: tls, tlsCAFile, tlsCertificateKeyFile,
 *     tlsCRLFile, replicaSet, authMechanism, serverSelectionTimeoutMS ...; of compressors, jrm offers zlib alone</td></tr>
 * <tr><td>ssl, ssl_ca_certs, ssl_certfile, ssl_keyfile, ssl_pem_passphrase</td><td>none</td><td>the same for FireWorks
 *     1.9.7</td></tr>
 * <tr><td>logdir, strm_lvl, user_indices, wf_user_indices</td><td></td><td>FireWorks' own; not used</td></tr>
 * </table>
 *
 * <p>A connection has TLS if any place that counts asks for it, and the server's certificate and name are always checked:
 * options that switch a check off are refused. Where FireWorks 1.9.7 and 2.x read a file in different ways, there is a warning.
 *
 * <p>The file is read by YAML 1.2 rules. Immutable. The password is never shown.
 */
public final class LaunchpadConfig {

    private static final Logger LOG = LoggerFactory.getLogger(LaunchpadConfig.class);

    private final String source;
    private final String scheme;
    private final List<HostPort> hosts;
    private final @Nullable String databaseOfUri;
    private final String databaseName;
    private final @Nullable Login login;
    private final TlsSettings tls;
    private final Map<String, List<String>> clientOptions;
    private final List<String> warnings;

    LaunchpadConfig(
            String source,
            String scheme,
            List<HostPort> hosts,
            @Nullable String databaseOfUri,
            String databaseName,
            @Nullable Login login,
            TlsSettings tls,
            Map<String, List<String>> clientOptions,
            List<String> warnings) {
        this.source = source;
        this.scheme = scheme;
        this.hosts = List.copyOf(hosts);
        this.databaseOfUri = databaseOfUri;
        this.databaseName = databaseName;
        this.login = login;
        this.tls = tls;
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
        String source = file.toString();
        try {
            LaunchpadConfig config = parse(LaunchpadYaml.decode(SmallFile.read(file), source), source);
            config.warnings.forEach(warning -> LOG.warn("{}: {}", source, warning));
            return config;
        } catch (IOException e) {
            String lpad = e.getCause() instanceof NoSuchFileException ? "; FireWorks makes one with 'lpad init'" : "";
            throw new LaunchpadConfigException(source, List.of(SmallFile.reason(e) + lpad));
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
        HostPort address = new HostPort(host, port);
        return new LaunchpadConfig(
                "LaunchPad at " + address,
                "",
                List.of(address),
                null,
                databaseName,
                null,
                TlsSettings.NONE,
                Map.of(),
                List.of());
    }

    /**
     * The same LaunchPad with a login.
     *
     * @param user user name
     * @param secret its password
     * @return the configuration
     */
    public LaunchpadConfig withLogin(String user, Secret secret) {
        Login other = login == null
                ? new Login(user, secret, databaseName, null)
                : new Login(user, secret, login.source(), login.mechanism());
        return new LaunchpadConfig(
                source, scheme, hosts, databaseOfUri, databaseName, other, tls, clientOptions, warnings);
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
     * Host name or address of the server; of several the first, of a {@code mongodb+srv} URI the name in it.
     *
     * @return the host
     */
    public String host() {
        return hosts.get(0).host();
    }

    /**
     * Port of the server; of several that of the first.
     *
     * @return the port
     */
    public int port() {
        return hosts.get(0).port();
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

    String source() {
        return source;
    }

    boolean isSrv() {
        return scheme.equals(LaunchpadUri.SRV);
    }

    List<HostPort> hosts() {
        return hosts;
    }

    /** The database in the URI, which knows the user unless something else is said. */
    @Nullable
    String databaseOfUri() {
        return databaseOfUri;
    }

    @Nullable
    Login login() {
        return login;
    }

    public TlsSettings tls() {
        return tls;
    }

    /** The options that the driver takes in a connection string, with their values. */
    Map<String, List<String>> clientOptions() {
        return clientOptions;
    }

    /** Says where and as whom, never with which password. */
    @Override
    public String toString() {
        String user = login == null ? null : login.username();
        String names = isSrv() ? host() : hosts.stream().map(HostPort::toString).collect(Collectors.joining(","));
        return "LaunchPad " + databaseName + " at " + scheme + names
                + (scheme.isEmpty() ? "" : "/" + Objects.requireNonNullElse(databaseOfUri, ""))
                + (user == null ? "" : " as " + user);
    }
}
