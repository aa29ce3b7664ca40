package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.store.mongo.config.OptionLayer.Given;
import org.jlab.jiriaf.jrm.store.mongo.config.PymongoOption.Use;
import org.jspecify.annotations.Nullable;

/** The options that the Java driver has under the same names; {@code mongoclient_kwargs} counts more than the URI. */
final class DriverOptions {

    private static final String COMPRESSORS = "compressors";

    private DriverOptions() {}

    static Map<String, List<String>> of(LaunchpadUri uri, OptionLayer keywords, Findings findings) {
        Map<String, List<String>> options = new LinkedHashMap<>();
        Stream.concat(uri.options().all().stream(), keywords.all().stream())
                .filter(given -> given.option().use() == Use.DRIVER
                        || given.option().name().equals("authMechanismProperties"))
                .forEach(given -> options.put(given.option().name(), given.values()));
        options.computeIfPresent(COMPRESSORS, (name, values) -> onlyZlib(values));
        Given srvOnly = first(uri, keywords, "srvServiceName", "srvMaxHosts", "srvAllowedHostsSuffix");
        if (!uri.srv() && srvOnly != null) {
            findings.fault(srvOnly.place() + ": goes with a mongodb+srv:// URI only; remove it");
        }
        checkTopology(uri, options, findings);
        return options;
    }

    private static @Nullable Given first(LaunchpadUri uri, OptionLayer keywords, String... names) {
        return Arrays.stream(names)
                .flatMap(name -> Stream.of(keywords, uri.options()).map(layer -> layer.get(name)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** A compression that the client does not offer is not used; the driver would fail on one whose library is not there. */
    private static @Nullable List<String> onlyZlib(List<String> values) {
        boolean zlib = values.stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .anyMatch(value -> value.strip().equals("zlib"));
        return zlib ? List.of("zlib") : null;
    }

    private static void checkTopology(LaunchpadUri uri, Map<String, List<String>> options, Findings findings) {
        boolean several = uri.hosts().size() > 1;
        boolean direct = isTrue(options, "directConnection");
        boolean balanced = isTrue(options, "loadBalanced");
        if (direct && several) {
            findings.fault("directConnection: true, although there are "
                    + uri.hosts().size() + " hosts; name one host, or remove it");
        }
        if (direct && uri.srv()) {
            findings.fault("directConnection: true does not go with a mongodb+srv:// URI; remove it");
        }
        if (balanced && (several || direct || options.containsKey("replicaSet"))) {
            findings.fault(
                    "loadBalanced: true goes neither with several hosts nor with directConnection or replicaSet");
        }
    }

    private static boolean isTrue(Map<String, List<String>> options, String name) {
        return options.getOrDefault(name, List.of()).contains("true");
    }
}
