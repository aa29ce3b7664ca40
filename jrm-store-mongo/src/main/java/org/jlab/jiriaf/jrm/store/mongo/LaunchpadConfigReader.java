package org.jlab.jiriaf.jrm.store.mongo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.site.Secret;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Reads {@code my_launchpad.yaml}. Scalars are taken as text: a password of digits stays what it is. */
final class LaunchpadConfigReader {

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

    /** What FireWorks 1.9.7 calls what pymongo's options say. */
    private static final Map<String, String> OPTION_OF_SSL_KEY = Map.of(
            "ssl", "tls",
            "ssl_ca_certs", "tlsCAFile",
            "ssl_ca_file", "tlsCAFile",
            "ssl_certfile", "tlsCertificateKeyFile",
            "ssl_keyfile", "tlsPrivateKeyFile",
            "ssl_pem_passphrase", "tlsCertificateKeyFilePassword");

    /** Not read, so that a template may keep its placeholder there. */
    private static final Set<String> UNUSED = Set.of("logdir", "strm_lvl", "user_indices", "wf_user_indices");

    private static final Pattern PLACEHOLDER = Pattern.compile("\\s*<[^<>]*>\\s*");
    private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
    private static final Pattern URI = Pattern.compile("mongodb(\\+srv)?://.*");

    private final String source;
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, @Nullable String> values = new LinkedHashMap<>();
    private final Map<String, String> options = new LinkedHashMap<>();

    LaunchpadConfigReader(String source) {
        this.source = source;
    }

    LaunchpadConfig read(String yaml) {
        for (NodeTuple entry : entries(root(yaml))) {
            read(scalar(entry.getKeyNode()), entry.getValueNode());
        }
        LaunchpadConfig config = faults.isEmpty() ? config() : null;
        if (config == null || !faults.isEmpty()) {
            throw new LaunchpadConfigException(source, faults);
        }
        return config;
    }

    private Node root(String yaml) {
        LoadSettings settings = LoadSettings.builder().setLabel(source).build();
        try {
            return new Composer(settings, new ParserImpl(settings, new StreamReader(settings, yaml)))
                    .getSingleNode()
                    .orElseThrow(() -> fault("is empty; expected host, port and name"));
        } catch (YamlEngineException e) {
            throw fault("is no YAML: " + String.valueOf(e.getMessage()).split("\n", 2)[0]);
        }
    }

    private LaunchpadConfigException fault(String text) {
        return new LaunchpadConfigException(source, List.of(text));
    }

    private List<NodeTuple> entries(Node node) {
        if (node instanceof MappingNode mapping) {
            return mapping.getValue();
        }
        throw fault("is no mapping; expected lines such as 'host: localhost'");
    }

    private void read(@Nullable String key, Node value) {
        if (key == null) {
            faults.add("a key is no text");
        } else if (!KEYS.contains(key)) {
            warnings.add("unknown key '" + key + "' is ignored, as FireWorks does; known keys are "
                    + String.join(", ", KEYS));
        } else if (key.equals("mongoclient_kwargs")) {
            readOptions(value);
        } else if (!UNUSED.contains(key)) {
            String text = scalar(value);
            if (text == null && !isNull(value)) {
                faults.add(key + ": expected a single value");
            }
            values.put(key, refusePlaceholder(key, text));
        }
    }

    private void readOptions(Node value) {
        if (isNull(value)) {
            return;
        }
        if (!(value instanceof MappingNode mapping)) {
            faults.add("mongoclient_kwargs: expected a mapping of pymongo options, such as {tls: true}");
            return;
        }
        for (NodeTuple entry : mapping.getValue()) {
            String option = scalar(entry.getKeyNode());
            String text = scalar(entry.getValueNode());
            if (option != null && text != null) {
                refusePlaceholder("mongoclient_kwargs." + option, text);
                options.put(option, text);
            } else if (option == null || !isNull(entry.getValueNode())) {
                faults.add("mongoclient_kwargs." + option + ": expected a single value");
            }
        }
    }

    private @Nullable String refusePlaceholder(String key, @Nullable String value) {
        if (value != null && PLACEHOLDER.matcher(value).matches()) {
            faults.add(key + ": " + (key.endsWith("password") ? "the value" : "'" + value + "'")
                    + " is a placeholder of the template; replace it, or leave it blank if there is" + " none");
        }
        return value;
    }

    private LaunchpadConfig config() {
        OPTION_OF_SSL_KEY.forEach((key, option) -> {
            String value = values.get(key);
            if (value != null) {
                options.putIfAbsent(option, value);
            }
        });
        String host = text("host", "localhost");
        int port = port();
        boolean uriMode = flag("uri_mode");
        boolean isUri = URI.matcher(host).matches();
        if (uriMode && !isUri) {
            faults.add("host: '" + host + "' is no mongodb:// URI, which uri_mode asks for");
        }
        String name = uriMode ? nameInUriMode(host) : text("name", "fireworks");
        String username = uriMode ? null : values.get("username");
        String password = uriMode ? null : values.get("password");
        if ((username == null) != (password == null)) {
            faults.add(
                    username == null
                            ? "password: given without username; give both or none"
                            : "username: '" + username + "' is given without password; give both or none");
        }
        return new LaunchpadConfig(
                isUri ? withoutLogin(host) : host,
                port,
                name,
                username,
                password == null ? null : Secret.of(password),
                text("authsource", name),
                isUri ? Secret.of(host) : null,
                options,
                warnings);
    }

    /** 1.9.7 takes the end of the URI and ignores name; 2.0.4 and later take name. */
    private String nameInUriMode(String uri) {
        String rest = uri.replaceFirst("^mongodb(\\+srv)?://", "");
        int slash = rest.lastIndexOf('/');
        String inUri = slash < 0 ? "" : rest.substring(slash + 1).split("\\?", 2)[0];
        String name = values.get("name");
        if (name == null && inUri.isEmpty()) {
            faults.add("name: missing, and the URI names no database; expected the name of the database");
            return "";
        }
        if (name != null && !inUri.isEmpty() && !name.equals(inUri)) {
            warnings.add("name is '" + name + "' and the URI ends in '" + inUri
                    + "': jrm and FireWorks from 2.0.4 on use the" + " first, older FireWorks the second");
        }
        return name == null ? inUri : name;
    }

    private static String withoutLogin(String uri) {
        return uri.replaceFirst("//[^/]*@", "//");
    }

    private int port() {
        String text = text("port", "27017");
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, like a number that is out of range.
        }
        faults.add("port: '" + text + "' is no port; expected a number from 1 to 65535");
        return 0;
    }

    private boolean flag(String key) {
        String text = text(key, "false");
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            faults.add(key + ": '" + text + "' is neither true nor false");
        }
        return text.equalsIgnoreCase("true");
    }

    private String text(String key, String otherwise) {
        String value = values.get(key);
        return value == null ? otherwise : value;
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && NULL.matcher(scalar.getValue()).matches();
    }

    private static @Nullable String scalar(Node node) {
        return node instanceof ScalarNode scalar && !isNull(node) ? scalar.getValue() : null;
    }
}
