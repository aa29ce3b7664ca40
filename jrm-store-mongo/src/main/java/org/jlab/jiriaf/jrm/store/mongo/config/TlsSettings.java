package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.store.mongo.config.OptionLayer.Given;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is encrypted, and with which files. The server's certificate and name are always checked.
 *
 * <p>TLS is on if any place that counts says so, or names a file for it: the URI, {@code mongoclient_kwargs}, and without
 * {@code uri_mode} the {@code ssl} keys of the file. FireWorks 1.9.7 and 2.x do not count the same places; the connection is never
 * less protected than either makes it.
 *
 * @param ca certificates to trust; null for those of the Java runtime
 * @param certificate of the client; null for none
 * @param key of the client; null if it is in the same file as the certificate
 * @param crl revoked certificates; null if none are known
 * @param passphrase of the key; null for none
 */
record TlsSettings(
        boolean isEnabled,
        @Nullable Given ca,
        @Nullable Given certificate,
        @Nullable Given key,
        @Nullable Given crl,
        @Nullable Given passphrase) {

    static final String TLS = "tls";
    static final String CA = "tlsCAFile";
    static final String CERTIFICATE = "tlsCertificateKeyFile";
    static final String PASSPHRASE = "tlsCertificateKeyFilePassword";
    static final String KEY = "ssl_keyfile";
    static final String CRL = "tlsCRLFile";
    static final String INSECURE = "tlsInsecure";
    static final String ANY_CERTIFICATE = "tlsAllowInvalidCertificates";
    static final String ANY_HOST = "tlsAllowInvalidHostnames";
    static final String NO_OCSP = "tlsDisableOCSPEndpointCheck";
    static final String MATCH_HOST = "ssl_match_hostname";
    static final String CERT_REQS = "ssl_cert_reqs";

    static final TlsSettings NONE = new TlsSettings(false, null, null, null, null, null);

    private static final List<String> FILES = List.of(CA, CERTIFICATE, KEY, CRL, PASSPHRASE);

    /** Setting one of these to what is the default asks for TLS, in both versions of pymongo. */
    private static final List<String> CHECKS =
            List.of(INSECURE, ANY_CERTIFICATE, ANY_HOST, NO_OCSP, MATCH_HOST, CERT_REQS);

    /**
     * Decides.
     *
     * @param uri options of the URI; empty if the host is none
     * @param file the {@code ssl} keys of the file
     * @param keywords {@code mongoclient_kwargs}
     */
    static TlsSettings of(
            boolean uriMode, boolean srv, OptionLayer uri, OptionLayer file, OptionLayer keywords, Findings findings) {
        Stream.of(uri, file, keywords).forEach(layer -> refuseInsecure(layer, findings));
        List<OptionLayer> layers = uriMode ? List.of(keywords, uri) : List.of(keywords, uri, file);
        List<Given> says = layers.stream()
                .map(layer -> layer.get(TLS))
                .filter(Objects::nonNull)
                .toList();
        boolean srvDefault = srv && uri.get(TLS) == null;
        boolean asked = srvDefault || says.stream().anyMatch(Given::isTrue);
        List<Given> implying = layers.stream().flatMap(TlsSettings::implying).toList();
        List<Given> refusals = says.stream().filter(Given::isFalse).toList();
        if (!asked && !implying.isEmpty() && !refusals.isEmpty()) {
            findings.fault(refusals.get(0).place() + ": TLS is off, but "
                    + implying.get(0).place() + " is for TLS; set "
                    + refusals.get(0).place() + " to true, or remove the other");
        }
        boolean enabled = asked || !implying.isEmpty();
        if (enabled && !refusals.isEmpty()) {
            findings.warn(refusals.get(0).place() + ": TLS is off there and on in "
                    + (srvDefault ? "the URI, by mongodb+srv" : place(says, implying))
                    + ". jrm connects with TLS; versions of FireWorks differ");
        }
        if (srv && !enabled) {
            findings.warn("host: the URI switches TLS off, which mongodb+srv has otherwise; jrm connects without TLS");
        }
        warnOfVersions(uriMode, enabled, uri, file, keywords, findings);
        return enabled ? settings(layers) : NONE;
    }

    private static String place(List<Given> says, List<Given> implying) {
        return Stream.concat(says.stream().filter(Given::isTrue), implying.stream())
                .findFirst()
                .map(Given::place)
                .orElse("another place");
    }

    private static TlsSettings settings(List<OptionLayer> layers) {
        return new TlsSettings(
                true,
                first(layers, CA),
                first(layers, CERTIFICATE),
                first(layers, KEY),
                first(layers, CRL),
                first(layers, PASSPHRASE));
    }

    private static @Nullable Given first(List<OptionLayer> layers, String name) {
        return layers.stream()
                .map(layer -> layer.get(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static Stream<Given> implying(OptionLayer layer) {
        return Stream.concat(FILES.stream(), CHECKS.stream())
                .map(layer::get)
                .filter(Objects::nonNull)
                .filter(given -> !given.option().name().equals(NO_OCSP) || given.isFalse());
    }

    static void refuseInsecure(OptionLayer layer, Findings findings) {
        for (String name : CHECKS) {
            Given given = layer.get(name);
            boolean insecure = given != null
                    && switch (name) {
                        case NO_OCSP -> false;
                        case MATCH_HOST -> given.isFalse();
                        case CERT_REQS -> List.of("CERT_NONE", "0").contains(given.value());
                        default -> given.isTrue();
                    };
            if (given != null && insecure) {
                findings.fault(given.place() + ": '" + given.value()
                        + "' switches a check of the server's certificate off, and jrm makes them all; remove it and name the"
                        + " server's CA in tlsCAFile (ssl_ca_certs in FireWorks 1.9.7)");
            }
        }
    }

    /** FireWorks 1.9.7 counts the ssl keys, 2.x mongoclient_kwargs; in uri_mode 1.9.7 counts the URI alone. */
    private static void warnOfVersions(
            boolean uriMode,
            boolean enabled,
            OptionLayer uri,
            OptionLayer file,
            OptionLayer keywords,
            Findings findings) {
        Given ssl = file.get(TLS);
        boolean sslOn = ssl != null && ssl.isTrue();
        if (uriMode) {
            implyingOrTrue(file)
                    .findFirst()
                    .ifPresent(given -> findings.warn(given.place()
                            + ": ignored in uri_mode, as in every FireWorks; put tls=true and the files into the URI"));
            return;
        }
        boolean others = Stream.of(uri, keywords)
                .flatMap(TlsSettings::implyingOrTrue)
                .findAny()
                .isPresent();
        if (ssl != null && sslOn && !others) {
            findings.warn(ssl.place() + ": FireWorks from 1.9.8 on ignores it and connects without TLS;"
                    + " add tls: true to mongoclient_kwargs");
        } else if (enabled && !sslOn) {
            findings.warn(
                    "ssl: not true, although the connection has TLS; FireWorks 1.9.7 refuses the file or connects without"
                            + " TLS. Add ssl: true if an agent is that old");
        }
        for (String name : FILES) {
            Given old = file.get(name);
            Given other = keywords.get(name) == null ? uri.get(name) : keywords.get(name);
            if (old != null && (other == null || !other.values().equals(old.values()))) {
                findings.warn(
                        old.place() + ": FireWorks from 1.9.8 on does not use it; give mongoclient_kwargs the same");
            }
        }
    }

    private static Stream<Given> implyingOrTrue(OptionLayer layer) {
        return Stream.concat(
                Stream.ofNullable(layer.get(TLS)).filter(Given::isTrue),
                FILES.stream().map(layer::get).filter(Objects::nonNull));
    }
}
