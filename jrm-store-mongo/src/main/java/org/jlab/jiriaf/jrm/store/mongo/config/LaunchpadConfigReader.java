package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadYaml.Entry;
import org.jspecify.annotations.Nullable;

/** Reads {@code my_launchpad.yaml}. User name and password are taken as text: a password of digits stays what it is. */
final class LaunchpadConfigReader {

    /** What FireWorks 1.9.7 calls what pymongo's options say. */
    private static final Map<String, String> OPTION_OF_SSL_KEY = Map.of(
            "ssl", TlsSettings.TLS,
            "ssl_ca_certs", TlsSettings.CA,
            "ssl_ca_file", TlsSettings.CA,
            "ssl_certfile", TlsSettings.CERTIFICATE,
            "ssl_keyfile", TlsSettings.KEY,
            "ssl_pem_passphrase", TlsSettings.PASSPHRASE);

    /** Not read, so that a template may keep its placeholder there. */
    private static final Set<String> UNUSED = Set.of("logdir", "strm_lvl", "user_indices", "wf_user_indices");

    private static final Set<String> KEYS = new LinkedHashSet<>(List.of(
            "host",
            "port",
            "name",
            "username",
            "password",
            "authsource",
            "uri_mode",
            "mongoclient_kwargs",
            "ssl",
            "ssl_ca_certs",
            "ssl_ca_file",
            "ssl_certfile",
            "ssl_keyfile",
            "ssl_pem_passphrase",
            "logdir",
            "strm_lvl",
            "user_indices",
            "wf_user_indices"));

    private final String source;
    private final Findings findings = new Findings();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final OptionLayer ssl = new OptionLayer(findings);
    private final OptionLayer keywords = new OptionLayer(findings);

    LaunchpadConfigReader(String source) {
        this.source = source;
    }

    LaunchpadConfig read(String yaml) {
        new LaunchpadYaml(source, findings).entries(yaml).forEach(this::read);
        findings.require(source);
        LaunchpadConfig config = config();
        findings.require(source);
        return config;
    }

    private void read(Entry entry) {
        String key = entry.key();
        if (!KEYS.contains(key)) {
            readUnknown(entry);
        } else if (key.equals("mongoclient_kwargs")) {
            readKeywords(entry);
        } else if (OPTION_OF_SSL_KEY.containsKey(key)) {
            if (entry.kind() != Entry.Kind.NULL) {
                PymongoOption.find(OPTION_OF_SSL_KEY.get(key)).ifPresent(option -> ssl.read(entry, option));
            }
        } else if (!UNUSED.contains(key)) {
            readOwn(entry);
        }
    }

    private void readOwn(Entry entry) {
        String key = entry.key();
        boolean hosts = key.equals("host") && entry.kind() == Entry.Kind.LIST && entry.isText();
        boolean mustBeText = Set.of("host", "name", "authsource").contains(key);
        String text = entry.text();
        if (entry.kind() != Entry.Kind.NULL && text == null && !hosts) {
            findings.fault(key + ": expected a single value" + entry.at());
        } else if (text != null && Placeholder.is(text)) {
            findings.fault(key + ": " + Placeholder.describe(key, text) + entry.at());
        } else if (text != null && mustBeText && !entry.isText()) {
            findings.fault(key + ": '" + text + "' is no text for YAML, and FireWorks refuses it; put it in 'quotes'"
                    + entry.at());
        } else {
            entries.put(key, entry);
        }
    }

    /** FireWorks ignores such keys; one that would switch off a check is refused all the same. */
    private void readUnknown(Entry entry) {
        Optional<PymongoOption> option = PymongoOption.find(entry.key());
        if (option.isPresent()) {
            findings.warn(entry.key() + ": ignored at the top of the file, as FireWorks does; it belongs into"
                    + " mongoclient_kwargs" + entry.at());
            OptionLayer stray = new OptionLayer(findings);
            stray.read(entry, option.get());
            TlsSettings.refuseInsecure(stray, findings);
        } else {
            findings.warn("unknown key '" + entry.key() + "' is ignored, as FireWorks does; known keys are "
                    + String.join(", ", KEYS) + entry.at());
        }
    }

    private void readKeywords(Entry entry) {
        if (entry.kind() == Entry.Kind.MAP) {
            entry.entries().forEach(keywords::readKeyword);
        } else if (entry.kind() != Entry.Kind.NULL) {
            findings.fault("mongoclient_kwargs: expected a map of pymongo's options, such as {tls: true}" + entry.at());
        }
    }

    private LaunchpadConfig config() {
        boolean uriMode = uriMode();
        Entry hostEntry = entries.get("host");
        String place = hostEntry == null ? "host" : hostEntry.toString();
        String host = host(hostEntry);
        int port = uriMode ? HostPort.DEFAULT_PORT : port();
        boolean isUri = LaunchpadUri.is(host);
        if (!isUri && (uriMode || host.contains("/"))) {
            findings.fault(place + ": '" + withoutLogin(host) + "' is no mongodb:// URI"
                    + (uriMode ? ", which uri_mode asks for" : "; expected one, or the name of a host"));
        }
        LaunchpadUri uri = isUri
                ? LaunchpadUri.parse(host, port, place, findings)
                : new LaunchpadUri(
                        false,
                        uriMode || host.contains("/") ? List.of() : HostPort.list(host, port, place, findings),
                        null,
                        null,
                        null,
                        new OptionLayer(findings));
        warnOfPorts(uri, port, uriMode);
        TlsSettings tls = TlsSettings.of(uriMode, uri.srv(), uri.options(), ssl, keywords, findings);
        String name = uriMode ? nameInUriMode(uri) : text("name", "fireworks");
        checkName(name);
        Login login = uriMode ? loginOfUri(uri) : loginOfFile(uri, name);
        Map<String, List<String>> options = DriverOptions.of(uri, keywords, findings);
        FireworksVersions.compare(uriMode, host, uri, keywords, findings);
        if (hostEntry == null && findings.faults().isEmpty() && !entries.containsKey("host")) {
            findings.fault(
                    "host: missing, and FireWorks refuses a file without it; expected a line such as 'host: localhost'");
        }
        return new LaunchpadConfig(
                source,
                isUri ? uri.scheme() : "",
                uri.hosts(),
                uri.database(),
                name,
                login,
                tls,
                options,
                findings.warnings());
    }

    private static String host(@Nullable Entry entry) {
        String text = entry == null ? null : String.join(",", entry.texts());
        return text == null || text.isEmpty() ? "localhost" : text;
    }

    private static String withoutLogin(String host) {
        return host.contains("@") ? "a text with a login" : host;
    }

    private boolean uriMode() {
        Entry entry = entries.get("uri_mode");
        String text = entry == null ? null : entry.text();
        if (entry == null || text == null) {
            return false;
        }
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            findings.fault("uri_mode: '" + text + "' is neither true nor false" + entry.at());
        } else if (entry.isText()) {
            findings.fault(
                    "uri_mode: '" + text + "' in quotes counts as true in FireWorks; remove the quotes" + entry.at());
        }
        return text.equalsIgnoreCase("true");
    }

    private int port() {
        Entry entry = entries.get("port");
        String text = entry == null ? null : entry.text();
        if (entry == null || text == null) {
            return HostPort.DEFAULT_PORT;
        }
        if (!HostPort.isPort(text)) {
            findings.fault("port: '" + text + "' is no port; expected a number from 1 to 65535" + entry.at());
            return HostPort.DEFAULT_PORT;
        }
        if (entry.isText()) {
            findings.fault(
                    "port: '" + text + "' is in quotes, which FireWorks refuses; remove the quotes" + entry.at());
        }
        return Integer.parseInt(text);
    }

    private void warnOfPorts(LaunchpadUri uri, int port, boolean uriMode) {
        Entry entry = entries.get("port");
        boolean given = !uriMode && entry != null && entry.text() != null;
        if (given && !uri.srv() && uri.hosts().stream().noneMatch(host -> host.port() == port)) {
            findings.warn("port: " + port + " is ignored, as host names " + uri.hosts() + " with its own port");
        }
    }

    /** 1.9.7 takes the end of the URI and ignores name; 2.0.4 and later take name. */
    private String nameInUriMode(LaunchpadUri uri) {
        String inUri = uri.database();
        String name = text("name", "");
        if (name.isEmpty() && inUri == null) {
            findings.fault("name: missing, and the URI names no database; expected the name of the database");
            return "none";
        }
        if (name.isEmpty() || inUri == null) {
            findings.warn((inUri == null
                            ? "host: the URI names no database, which FireWorks up to 2.0.3 needs"
                            : "name: missing, which FireWorks from 2.0.4 on needs")
                    + "; name it in both");
        } else if (!name.equals(inUri)) {
            findings.warn("name is '" + name + "' and the URI ends in '" + inUri
                    + "': jrm and FireWorks from 2.0.4 on use the first, older FireWorks the second");
        }
        return name.isEmpty() && inUri != null ? inUri : name;
    }

    private void checkName(String name) {
        if (!DatabaseName.isValid(name)) {
            Entry entry = entries.get("name");
            findings.fault("name: '" + name + "' " + DatabaseName.EXPECTED + (entry == null ? "" : entry.at()));
        }
    }

    private Login loginOfFile(LaunchpadUri uri, String name) {
        if (uri.username() != null && text("username", "").isEmpty()) {
            findings.warn(
                    "host: the login in the URI is used in uri_mode only, as FireWorks does; give username and password");
        }
        Entry password = entries.get("password");
        String secret = password == null ? null : password.text();
        String source = keywords.text("authSource");
        return Login.of(
                text("username", ""),
                secret == null ? null : Secret.of(secret),
                source == null ? text("authsource", name) : source,
                name,
                mechanism(uri),
                findings);
    }

    private Login loginOfUri(LaunchpadUri uri) {
        String user = keywords.text("username");
        String password = keywords.text("password");
        String given = keywords.text("authSource");
        String source = given == null ? uri.options().text("authSource") : given;
        String otherwise = uri.database() == null ? "admin" : uri.database();
        return Login.of(
                user == null ? uri.username() : user,
                password == null ? uri.password() : Secret.of(password),
                source,
                uri.srv() ? null : otherwise,
                mechanism(uri),
                findings);
    }

    private @Nullable String mechanism(LaunchpadUri uri) {
        String given = keywords.text("authMechanism");
        return given == null ? uri.options().text("authMechanism") : given;
    }

    private String text(String key, String otherwise) {
        Entry entry = entries.get(key);
        String value = entry == null ? null : entry.text();
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
