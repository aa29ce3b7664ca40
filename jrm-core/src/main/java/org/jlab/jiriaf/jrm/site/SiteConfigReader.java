package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.Secret;
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

    private static final int MAX_DRAIN_SECONDS = 3600;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_NODES = 1_000_000;

    private final SiteFields fields;
    private final SiteValues values;

    private SiteConfigReader(SiteFields fields) {
        this.fields = fields;
        this.values = new SiteValues(fields);
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
        String site = values.text(SiteKey.SITE, TextRules::label, DEFAULT_SITE);
        SiteProfile profile = new SiteProfileReader(fields, values).read(site);
        SiteConfig config = new SiteConfig(slurm(), jrm(site, profile), ssh(profile));
        refuseLongDrain(config);
        if (!fields.faults().isEmpty()) {
            throw new SiteConfigException(source, fields.faults());
        }
        return config;
    }

    private SlurmSettings slurm() {
        return new SlurmSettings(
                values.number(SiteKey.NODES, 1, MAX_NODES, 1),
                values.optional(SiteKey.CONSTRAINT, TextRules::directive),
                walltime(),
                values.optional(SiteKey.QOS, TextRules::directive),
                values.optional(SiteKey.ACCOUNT, TextRules::directive),
                values.optional(SiteKey.RESERVATION, TextRules::directive),
                slurmOptions());
    }

    private SlurmOptions slurmOptions() {
        return new SlurmOptions(
                values.optional(SiteKey.PARTITION, TextRules::directive),
                values.optional(SiteKey.GPUS_PER_NODE, TextRules::directive),
                values.optional(SiteKey.LICENSES, TextRules::directive),
                values.optional(SiteKey.MAIL_USER, TextRules::directive),
                values.optional(SiteKey.MAIL_TYPE, TextRules::directive),
                values.optional(SiteKey.SIGNAL, TextRules::directive),
                values.lines(SiteKey.DIRECTIVES, SlurmOptions::directiveRule));
    }

    private JrmSettings jrm(String site, SiteProfile profile) {
        return new JrmSettings(
                values.required(SiteKey.NODENAME, TextRules::nodePrefix),
                site,
                profile,
                values.text(SiteKey.CONTROL_PLANE_IP, TextRules::oneLine, DEFAULT_CONTROL_PLANE),
                values.number(SiteKey.APISERVER_PORT, 1, MAX_PORT, DEFAULT_APISERVER_PORT),
                values.required(SiteKey.KUBECONFIG, TextRules::absolutePath),
                values.text(SiteKey.IMAGE, TextRules::argument, DEFAULT_IMAGE),
                podIps(),
                customMetricsPorts(),
                Duration.ofSeconds(values.number(SiteKey.DRAIN, 0, MAX_DRAIN_SECONDS, 0)));
    }

    private void refuseLongDrain(SiteConfig config) {
        long seconds = config.jrm().drain().toSeconds();
        Walltime walltime = config.slurm().walltime();
        if (!walltime.isUnlimited() && seconds > 0 && seconds >= walltime.jiriafSeconds()) {
            fields.fault(
                    SiteKey.DRAIN,
                    Long.toString(seconds),
                    "leaves JRMs no time; expected less than the " + walltime.jiriafSeconds()
                            + " s that the walltime gives them");
        }
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
        String key = values.optional(SiteKey.SSH_KEY, TextRules::oneLine);
        Secret password = password();
        boolean nodePassword = values.flag(SiteKey.NODE_PASSWORD, false);
        if (nodePassword && password == null && !fields.isFaulty(SiteKey.PASSWORD)) {
            fields.fault(SiteKey.NODE_PASSWORD, "true", "needs a password; expected ssh.password beside it");
            nodePassword = false;
        }
        return new SshSettings(
                remote == null && proxy == null ? SshHop.parse(SiteValues.STAND_IN) : remote,
                proxy,
                key == null ? null : localPath(key),
                password,
                values.optional(SiteKey.BUILD_SCRIPT, TextRules::oneLine),
                nodePassword);
    }

    private void refusePlaceholders() {
        for (SiteKey key : SiteKey.values()) {
            for (String value : fields.values(key)) {
                // Shell lines may redirect.
                if (key != SiteKey.PROLOGUE && PLACEHOLDER.matcher(value).find()) {
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

    private Walltime walltime() {
        String text = values.optional(SiteKey.WALLTIME, value -> null);
        try {
            return Walltime.parse(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            fields.fault(SiteKey.WALLTIME, text, "will not do; expected " + SiteKey.WALLTIME.expected);
            return Walltime.UNLIMITED;
        }
    }

    private List<String> podIps() {
        List<String> addresses = values.items(SiteKey.VKUBELET_POD_IPS);
        for (String address : addresses) {
            values.check(SiteKey.VKUBELET_POD_IPS, address, TextRules::address);
        }
        return addresses.isEmpty() ? List.of(DEFAULT_POD_IP) : addresses;
    }

    private List<CustomMetricsPort> customMetricsPorts() {
        List<CustomMetricsPort> ports = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (String item : values.items(SiteKey.CUSTOM_METRICS_PORTS)) {
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
        String destination = values.optional(key, TextRules::destination);
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
        String encoded = values.optional(SiteKey.PASSWORD, value -> null);
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

    private static Path localPath(String path) {
        return path.equals("~") || path.startsWith("~/")
                ? Path.of(System.getProperty("user.home") + path.substring(1))
                : Path.of(path);
    }

    private static String decode(ByteBuffer bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }
}
