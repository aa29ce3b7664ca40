package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.internal.TextRules;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jspecify.annotations.Nullable;

/** Makes a {@link SiteConfig} of texts: defaults, checks, and all faults in one go. */
final class SiteConfigReader {

    private static final String DEFAULT_SITE = "perlmutter";
    private static final String DEFAULT_CONTROL_PLANE = "jiriaf2301";
    private static final int DEFAULT_APISERVER_PORT = 35679;
    private static final String DEFAULT_IMAGE = "docker:jlabtsai/vk-cmd:main";
    private static final String DEFAULT_POD_IP = "172.17.0.1";

    private static final Pattern PLACEHOLDER = Pattern.compile("<[^<>]*>");
    private static final Pattern ANY_LOGIN_NODE = Pattern.compile("(?i)(.*@)?login(XX|NN|\\?\\?).*");
    private static final Pattern CUSTOM_METRICS_PORT = Pattern.compile("(x?)([0-9]{1,5})");

    private static final int MAX_PORT = 65_535;
    private static final int MAX_NODES = 1_000_000;

    /** Takes the place of a faulty value until all faults are found. */
    private static final String STAND_IN = "faulty";

    /** Answers null for a text that fits, else what is expected. */
    @FunctionalInterface
    private interface Rule {
        @Nullable
        String expected(String text);
    }

    private final SiteFields fields;

    private SiteConfigReader(SiteFields fields) {
        this.fields = fields;
    }

    static SiteConfig read(Path file) {
        try {
            return parse(decode(ByteBuffer.wrap(Files.readAllBytes(file))), file.toString());
        } catch (NoSuchFileException e) {
            throw new SiteConfigException(file.toString(), List.of("there is no such file"));
        } catch (CharacterCodingException e) {
            throw new SiteConfigException(file.toString(), List.of("is not UTF-8 text"));
        } catch (IOException e) {
            throw new SiteConfigException(file.toString(), List.of("cannot be read: " + e.getMessage()));
        }
    }

    static SiteConfig parse(String yaml, String source) {
        return new SiteConfigReader(SiteFileParser.parse(yaml, source)).read(source);
    }

    static SiteConfig fromEnvironment(Map<String, String> environment) {
        return new SiteConfigReader(SiteFields.of(environment)).read("environment variables");
    }

    private SiteConfig read(String source) {
        refusePlaceholders();
        String site = text(SiteKey.SITE, TextRules::label, DEFAULT_SITE);
        SiteProfile profile = profile(site);
        SiteConfig config = new SiteConfig(slurm(), jrm(site, profile), ssh(profile));
        if (!fields.faults().isEmpty()) {
            throw new SiteConfigException(source, fields.faults());
        }
        return config;
    }

    private SlurmSettings slurm() {
        return new SlurmSettings(
                number(SiteKey.NODES, 1, MAX_NODES, 1),
                optional(SiteKey.CONSTRAINT, TextRules::directive),
                walltime(),
                optional(SiteKey.QOS, TextRules::directive),
                optional(SiteKey.ACCOUNT, TextRules::directive),
                optional(SiteKey.RESERVATION, TextRules::directive));
    }

    private JrmSettings jrm(String site, SiteProfile profile) {
        return new JrmSettings(
                required(SiteKey.NODENAME, TextRules::nodePrefix),
                site,
                profile,
                text(SiteKey.CONTROL_PLANE_IP, TextRules::oneLine, DEFAULT_CONTROL_PLANE),
                number(SiteKey.APISERVER_PORT, 1, MAX_PORT, DEFAULT_APISERVER_PORT),
                required(SiteKey.KUBECONFIG, TextRules::absolutePath),
                text(SiteKey.IMAGE, TextRules::argument, DEFAULT_IMAGE),
                podIps(),
                customMetricsPorts());
    }

    private SshSettings ssh(SiteProfile profile) {
        SshHop remote = hop(SiteKey.REMOTE);
        SshHop proxy = hop(SiteKey.REMOTE_PROXY);
        if (remote == null && profile.nodeTunnels() && !fields.isFaulty(SiteKey.REMOTE)) {
            fields.fault(SiteKey.REMOTE, null, "is missing; expected " + SiteKey.REMOTE.expected);
        } else if (remote == null
                && proxy == null
                && !fields.isFaulty(SiteKey.REMOTE)
                && !fields.isFaulty(SiteKey.REMOTE_PROXY)) {
            fields.fault(SiteKey.REMOTE_PROXY, null, "is missing, and so is ssh.remote; expected the host of the site");
        }
        String key = optional(SiteKey.SSH_KEY, TextRules::oneLine);
        return new SshSettings(
                remote == null && proxy == null ? SshHop.parse(STAND_IN) : remote,
                proxy,
                key == null ? null : localPath(key),
                password(),
                optional(SiteKey.BUILD_SCRIPT, TextRules::oneLine));
    }

    private void refusePlaceholders() {
        for (SiteKey key : SiteKey.values()) {
            for (String value : fields.values(key)) {
                if (PLACEHOLDER.matcher(value).find()) {
                    fields.fault(key, value, "is a placeholder; put " + key.expected + " there");
                }
            }
        }
        for (String value : fields.values(SiteKey.REMOTE)) {
            if (ANY_LOGIN_NODE.matcher(value).matches()) {
                fields.fault(
                        SiteKey.REMOTE, value, "stands for any login node; put one of them there, such as login33");
            }
        }
    }

    private SiteProfile profile(String site) {
        String name = text(SiteKey.CONFIG_CLASS, TextRules::oneLine, site);
        Optional<SiteProfile> profile = SiteProfile.known().stream()
                .filter(known -> known.name().equals(name))
                .findFirst();
        if (profile.isEmpty() && !fields.isFaulty(SiteKey.CONFIG_CLASS)) {
            String known = SiteProfile.known().stream().map(SiteProfile::name).collect(Collectors.joining(", "));
            if (!fields.values(SiteKey.CONFIG_CLASS).isEmpty()) {
                fields.fault(SiteKey.CONFIG_CLASS, name, "is no site profile; expected one of " + known);
            } else if (!fields.isFaulty(SiteKey.SITE)) {
                fields.fault(
                        SiteKey.CONFIG_CLASS,
                        null,
                        "is blank, and the site '" + name + "' is not itself a profile; expected one of " + known);
            }
        }
        return profile.orElse(SiteProfile.FABRIC);
    }

    private Walltime walltime() {
        String text = optional(SiteKey.WALLTIME, value -> null);
        try {
            return Walltime.parse(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            fields.fault(SiteKey.WALLTIME, text, "will not do; expected " + SiteKey.WALLTIME.expected);
            return Walltime.UNLIMITED;
        }
    }

    private List<String> podIps() {
        List<String> addresses = items(SiteKey.VKUBELET_POD_IPS);
        for (String address : addresses) {
            check(SiteKey.VKUBELET_POD_IPS, address, TextRules::address);
        }
        return addresses.isEmpty() ? List.of(DEFAULT_POD_IP) : addresses;
    }

    private List<CustomMetricsPort> customMetricsPorts() {
        List<CustomMetricsPort> ports = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (String item : items(SiteKey.CUSTOM_METRICS_PORTS)) {
            Matcher matcher = CUSTOM_METRICS_PORT.matcher(item);
            int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
            if (port < 1 || port > MAX_PORT) {
                fields.fault(
                        SiteKey.CUSTOM_METRICS_PORTS,
                        item,
                        "is no port; expected " + SiteKey.CUSTOM_METRICS_PORTS.expected);
            } else if (seen.add(port)) {
                ports.add(new CustomMetricsPort(port, !matcher.group(1).isEmpty()));
            } else {
                fields.fault(SiteKey.CUSTOM_METRICS_PORTS, item, "stands there twice; expected each port once");
            }
        }
        return ports;
    }

    private @Nullable SshHop hop(SiteKey key) {
        String destination = optional(key, TextRules::destination);
        if (destination == null) {
            return null;
        }
        try {
            return SshHop.parse(destination);
        } catch (IllegalArgumentException e) {
            fields.fault(key, destination, "will not do; expected " + key.expected);
            return null;
        }
    }

    private @Nullable Secret password() {
        String encoded = optional(SiteKey.PASSWORD, value -> null);
        if (encoded == null) {
            return null;
        }
        try {
            String base64 = encoded.replaceAll("\\s", "");
            // The decoder would take a text that is cut off.
            byte[] bytes = Base64.getDecoder().decode(base64.length() % 4 == 0 ? base64 : "-");
            // The line break that `echo secret | base64` takes along is no part of the password.
            String password = decode(ByteBuffer.wrap(bytes)).replaceFirst("\\r?\\n$", "");
            if (!password.isEmpty() && TextRules.oneLine(password) == null) {
                return Secret.of(password);
            }
        } catch (IllegalArgumentException | CharacterCodingException e) {
            // Said below, without the exception, whose message can hold a part of the value.
        }
        fields.fault(
                SiteKey.PASSWORD,
                encoded,
                "is not a password in base64; expected what `printf %s PASSWORD | base64` prints");
        return null;
    }

    private int number(SiteKey key, int lowest, int highest, int otherwise) {
        String text = optional(key, value -> null);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= lowest && Integer.parseInt(text) <= highest) {
            return Integer.parseInt(text);
        }
        fields.fault(key, text, "will not do; expected " + key.expected);
        return otherwise;
    }

    private String required(SiteKey key, Rule rule) {
        String text = optional(key, rule);
        if (text == null && !fields.isFaulty(key)) {
            fields.fault(key, null, "is missing; expected " + key.expected);
        }
        return text == null ? STAND_IN : text;
    }

    private String text(SiteKey key, Rule rule, String otherwise) {
        String text = optional(key, rule);
        return text == null ? otherwise : text;
    }

    private @Nullable String optional(SiteKey key, Rule rule) {
        List<String> values = fields.values(key);
        if (values.isEmpty() || fields.isFaulty(key)) {
            return null;
        }
        check(key, values.get(0), rule);
        return fields.isFaulty(key) ? null : values.get(0);
    }

    private void check(SiteKey key, String value, Rule rule) {
        String expected = rule.expected(value);
        if (expected != null && !fields.isFaulty(key)) {
            fields.fault(key, value, "cannot be used; expected " + expected);
        }
    }

    /** The items of a list, which may also be written as one text, separated by blanks or commas. */
    private List<String> items(SiteKey key) {
        return fields.isFaulty(key)
                ? List.of()
                : fields.values(key).stream()
                        .flatMap(value -> Stream.of(value.split("[\\s,]+")))
                        .filter(item -> !item.isEmpty())
                        .toList();
    }

    private static Path localPath(String path) {
        return path.equals("~") || path.startsWith("~/")
                ? Path.of(System.getProperty("user.home") + path.substring(1))
                : Path.of(path);
    }

    private static String decode(ByteBuffer bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }
}
