package org.jlab.jiriaf.jrm.store.mongo.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An option of pymongo's MongoClient, as {@code mongoclient_kwargs} and MongoDB's URI name it, in whatever case. The list is that
 * of pymongo 3.12 and 4.
 *
 * @param name the name that MongoDB's documents use
 * @param kind what values it takes
 * @param use what jrm does with it
 * @param known which pymongo knows it
 */
record PymongoOption(String name, Kind kind, Use use, Known known) {

    enum Kind {
        FLAG("true or false", "true|false"),
        COUNT("a whole number, 0 or more", "\\d{1,9}"),
        INTEGER("a whole number", "-?\\d{1,9}"),
        MILLIS("milliseconds, more than 0 and less than 1000000000", "(?!0*(\\.0*)?$)\\d{1,9}(\\.\\d*)?"),
        MILLIS_OR_ZERO("milliseconds, less than 1000000000", "\\d{1,9}(\\.\\d*)?"),
        TEXT("a text", "(?s).+"),
        TEXT_OR_COUNT("a text, or a whole number, 0 or more", "(?s)(?!-\\d).+"),
        TEXTS("a text or a list of texts", "(?s).*"),
        SECRET("a text", "(?s).*"),
        FILE("the path of a PEM file", "(?s).+"),
        READ_PREFERENCE(
                "primary, primaryPreferred, secondary, secondaryPreferred or nearest",
                "primary|primaryPreferred|secondary|secondaryPreferred|nearest"),
        MECHANISM(
                "SCRAM-SHA-256, SCRAM-SHA-1, MONGODB-X509, PLAIN, GSSAPI, MONGODB-AWS or MONGODB-OIDC",
                "DEFAULT|SCRAM-SHA-256|SCRAM-SHA-1|MONGODB-X509|PLAIN|GSSAPI|MONGODB-AWS|MONGODB-OIDC"),
        CERTIFICATE_CHECK("CERT_REQUIRED", "CERT_REQUIRED|CERT_OPTIONAL|CERT_NONE|[012]");

        private final String expected;
        private final Pattern pattern;

        Kind(String expected, String pattern) {
            this.expected = expected;
            this.pattern = Pattern.compile(pattern);
        }

        String expected() {
            return expected;
        }

        /** Whether YAML must take the value for text: pymongo refuses a number here. */
        boolean isText() {
            return switch (this) {
                case TEXT, TEXTS, FILE, READ_PREFERENCE, MECHANISM -> true;
                default -> false;
            };
        }

        private boolean mayBeNull() {
            return isText() || this == SECRET || this == MILLIS || this == MILLIS_OR_ZERO || this == TEXT_OR_COUNT;
        }

        private boolean isMillis() {
            return this == MILLIS || this == MILLIS_OR_ZERO;
        }
    }

    enum Use {
        /** The Java driver has the same option. */
        DRIVER,
        LOGIN,
        TLS,
        /** Has no meaning outside Python, or for what jrm does. */
        NONE
    }

    enum Known {
        BOTH,
        OLD,
        NEW
    }

    private static final Map<String, PymongoOption> ALL = all();

    static Optional<PymongoOption> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    /**
     * The value as the Java driver takes it.
     *
     * @param value as it stands in the file
     * @return null if it is not one that the option takes
     */
    @Nullable
    String normalize(String value) {
        if (!kind.pattern.matcher(value).matches()) {
            return null;
        }
        return kind.isMillis()
                ? new BigDecimal(value).setScale(0, RoundingMode.UP).toPlainString()
                : value;
    }

    boolean takesNull() {
        return kind.mayBeNull() || name.equals("maxPoolSize");
    }

    /** Whether a message may show the value. */
    boolean isSecret() {
        return kind == Kind.SECRET || name.equals("authMechanismProperties");
    }

    private static Map<String, PymongoOption> all() {
        List<PymongoOption> options = new ArrayList<>();
        add(
                options,
                Use.DRIVER,
                Known.BOTH,
                Kind.TEXT,
                "appName",
                "replicaSet",
                "readConcernLevel",
                "uuidRepresentation");
        add(options, Use.DRIVER, Known.BOTH, Kind.TEXTS, "readPreferenceTags", "compressors");
        add(options, Use.DRIVER, Known.BOTH, Kind.TEXT_OR_COUNT, "w");
        add(options, Use.DRIVER, Known.BOTH, Kind.READ_PREFERENCE, "readPreference");
        add(options, Use.DRIVER, Known.BOTH, Kind.FLAG, "directConnection", "journal", "retryReads", "retryWrites");
        add(options, Use.DRIVER, Known.BOTH, Kind.FLAG, "loadBalanced");
        add(
                options,
                Use.DRIVER,
                Known.BOTH,
                Kind.MILLIS,
                "heartbeatFrequencyMS",
                "maxIdleTimeMS",
                "waitQueueTimeoutMS");
        add(options, Use.DRIVER, Known.BOTH, Kind.MILLIS_OR_ZERO, "connectTimeoutMS", "localThresholdMS");
        add(options, Use.DRIVER, Known.BOTH, Kind.MILLIS_OR_ZERO, "serverSelectionTimeoutMS", "socketTimeoutMS");
        add(options, Use.DRIVER, Known.BOTH, Kind.COUNT, "maxPoolSize", "minPoolSize", "wTimeoutMS");
        add(options, Use.DRIVER, Known.BOTH, Kind.INTEGER, "maxStalenessSeconds", "zlibCompressionLevel");
        add(options, Use.DRIVER, Known.NEW, Kind.COUNT, "maxConnecting", "srvMaxHosts");
        add(
                options,
                Use.DRIVER,
                Known.NEW,
                Kind.TEXT,
                "srvServiceName",
                "srvAllowedHostsSuffix",
                "serverMonitoringMode");
        add(options, Use.DRIVER, Known.NEW, Kind.MILLIS_OR_ZERO, "timeoutMS");
        add(options, Use.LOGIN, Known.BOTH, Kind.TEXT, "username", "authSource", "authMechanismProperties");
        add(options, Use.LOGIN, Known.BOTH, Kind.SECRET, "password");
        add(options, Use.LOGIN, Known.BOTH, Kind.MECHANISM, "authMechanism");
        add(options, Use.TLS, Known.BOTH, Kind.FLAG, TlsSettings.TLS, TlsSettings.INSECURE);
        add(options, Use.TLS, Known.BOTH, Kind.FLAG, TlsSettings.ANY_CERTIFICATE, TlsSettings.ANY_HOST);
        add(options, Use.TLS, Known.BOTH, Kind.FLAG, TlsSettings.NO_OCSP);
        add(options, Use.TLS, Known.BOTH, Kind.FILE, TlsSettings.CA, TlsSettings.CERTIFICATE, TlsSettings.CRL);
        add(options, Use.TLS, Known.BOTH, Kind.SECRET, TlsSettings.PASSPHRASE);
        add(options, Use.TLS, Known.OLD, Kind.FILE, TlsSettings.KEY);
        add(options, Use.TLS, Known.OLD, Kind.FLAG, TlsSettings.MATCH_HOST);
        add(options, Use.TLS, Known.OLD, Kind.CERTIFICATE_CHECK, TlsSettings.CERT_REQS);
        add(options, Use.NONE, Known.BOTH, Kind.FLAG, "connect", "tz_aware", "fsync");
        add(options, Use.NONE, Known.BOTH, Kind.COUNT, "waitQueueMultiple");
        add(options, Use.NONE, Known.BOTH, Kind.TEXT, "unicode_decode_error_handler");
        add(options, Use.NONE, Known.OLD, Kind.FLAG, "socketKeepAlive");
        add(options, Use.NONE, Known.NEW, Kind.FLAG, "enableOverloadRetargeting");
        add(options, Use.NONE, Known.NEW, Kind.COUNT, "maxAdaptiveRetries");
        add(options, Use.NONE, Known.NEW, Kind.TEXT, "datetime_conversion");
        Map<String, PymongoOption> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        options.forEach(option -> all.put(option.name, option));
        Map<String, String> aliases = Map.of(
                "j", "journal",
                "wTimeout", "wTimeoutMS",
                "ssl", TlsSettings.TLS,
                "ssl_ca_certs", TlsSettings.CA,
                "ssl_certfile", TlsSettings.CERTIFICATE,
                "ssl_pem_passphrase", TlsSettings.PASSPHRASE,
                "ssl_crlfile", TlsSettings.CRL);
        aliases.forEach((alias, name) -> {
            PymongoOption option = all.get(name);
            if (option != null) {
                Known known = alias.equals("ssl") ? option.known : Known.OLD;
                all.put(alias, new PymongoOption(option.name, option.kind, option.use, known));
            }
        });
        return all;
    }

    private static void add(List<PymongoOption> options, Use use, Known known, Kind kind, String... names) {
        for (String name : names) {
            options.add(new PymongoOption(name, kind, use, known));
        }
    }
}
