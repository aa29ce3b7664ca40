package org.jlab.jiriaf.jrm.store.mongo.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;

/** Launchpad files that jrm and FireWorks read; {@code %s} is a folder with ca.pem, ck.pem, c.pem, k.pem and ca.crl. */
final class LaunchpadSamples {

    /**
     * A file.
     *
     * @param difference what jrm does otherwise than FireWorks; empty if nothing
     */
    record Sample(String yaml, String difference) {}

    private static final String MORE_TLS =
            "Another place of the file asks for TLS, or names a file for it; FireWorks drops that. jrm is never less protected.";
    private static final String CONTRADICTION = "The file contradicts itself; FireWorks takes the last, or drops one.";
    private static final String UNCLEAR_FLAG =
            "Neither true nor false, or in quotes: FireWorks drops it, or takes it for true.";
    private static final String CHECKS =
            "Switches a check of the server's certificate off, in this version or that; jrm makes all checks.";
    private static final String NO_NETWORK_HOST =
            "Cannot be reached through TCP; FireWorks fails when it connects, or takes another port.";
    private static final String DIGITS =
            "A password of digits without quotes is a text for jrm; a number, which pymongo refuses, for FireWorks.";
    private static final String SPELLING = "pymongo takes it by accident.";
    private static final String UNUSED =
            "Concerns only FireWorks' own logging, or a limit without effect here; not worth a warning.";
    private static final String TAB = "YAML allows the tab; ruamel.yaml does not.";
    private static final String PLACEHOLDER =
            "A placeholder is no host and no database; FireWorks fails when it connects.";
    private static final String FILE = "Newer FireWorks ignores the key; jrm would have to connect without it.";
    private static final String DRIVER = "The server itself has dropped it, and the driver with it.";
    private static final String NO_TEXT = "pymongo takes the keys of the map for hosts.";

    // spotless:off
    static final List<Sample> ALL = List.of(
            same(
                    "host: mongodb+srv://u1:p1@c0.example.net/fws?retryWrites=true&w=majority\nuri_mode: true\nname: fws\nssl: false"),
            same(
                    "host: mongodb+srv://c0.example.net\nport: 27017\nname: fws\nusername: u1\npassword: p1\nauthsource: admin\nssl: false"),
            same("host: mongodb+srv://c0.example.net/\nname: fws\nssl: false"),
            same("host: mongodb+srv://c0.example.net/?tls=false\nname: fws\nuri_mode: true"),
            same("host: mongodb+srv://c0.example.net/?ssl=false\nname: fws\nuri_mode: true"),
            same("host: mongodb+srv://c0.example.net/fws\nname: fws\nuri_mode: true\nmongoclient_kwargs: {tls: false}"),
            same("host: mongodb+srv://c0.example.net/fws\nname: fws\nuri_mode: true\nmongoclient_kwargs: {ssl: false}"),
            differs(
                    "host: mongodb+srv://c0.example.net/fws\nname: fws\nmongoclient_kwargs: {tls: false}",
                    "certificateRequired hostNameChecked tls",
                    MORE_TLS),
            same("host: mongodb://h1/fws?tls=true\nname: fws\nuri_mode: true\nmongoclient_kwargs: {tls: false}"),
            same("host: mongodb://h1/fws?ssl=true\nname: fws\nuri_mode: true\nmongoclient_kwargs: {tls: false}"),
            differs(
                    "host: mongodb://h1/fws?tls=true\nname: fws\nmongoclient_kwargs: {tls: false}",
                    "certificateRequired hostNameChecked tls",
                    MORE_TLS),
            same("host: mongodb://h1/fws?ssl=true\nname: fws\nssl: false"),
            same("host: mongodb://h1/fws?ssl=true\nname: fws"),
            same("host: mongodb://h1/fws?tls=true\nname: fws"),
            same("host: mongodb://h1/fws?tls=true\nname: fws\nssl: true"),
            differs(
                    "host: mongodb://h1/fws?tls=false\nname: fws\nssl: true",
                    "certificateRequired hostNameChecked tls",
                    MORE_TLS),
            same("host: mongodb://h1/fws?tls=false\nname: fws\nuri_mode: true\nmongoclient_kwargs: {tls: true}"),
            same("host: mongodb://h1/fws?tls=true&ssl=false\nname: fws\nuri_mode: true"),
            differs("host: mongodb://h1/fws?tls=true&tls=false\nname: fws\nuri_mode: true", "refused", CONTRADICTION),
            differs("host: mongodb://h1/fws?tls=false&tls=true\nname: fws\nuri_mode: true", "refused", CONTRADICTION),
            differs("host: mongodb://h1/fws?tls=True\nname: fws\nuri_mode: true", "refused", UNCLEAR_FLAG),
            same("host: mongodb://h1/fws?TLS=true\nname: fws\nuri_mode: true"),
            same("host: mongodb://h1/fws?tlscafile=%s/ca.pem\nname: fws\nuri_mode: true"),
            same("host: mongodb://h1/fws?tls=true&tlsCAFile=%s/ca.pem\nname: fws\nuri_mode: true"),
            differs(
                    "host: mongodb://h1/fws?ssl_ca_certs=%s/ca.pem\nname: fws\nuri_mode: true",
                    "ca certificateRequired hostNameChecked tls", MORE_TLS),
            differs("host: mongodb://h1/fws?ssl_ca_certs=%s/ca.pem&ssl=true\nname: fws", "ca", MORE_TLS),
            same("host: mongodb://h1/?tlsCertificateKeyFile=%s/ck.pem\nname: fws"),
            same("host: mongodb://h1/fws?tls=false&tlsCAFile=%s/ca.pem\nname: fws\nuri_mode: true"),
            same("host: h1\nssl: true"),
            same("host: h1\nssl: true\nssl_ca_certs: %s/ca.pem"),
            same("host: h1\nssl: true\nssl_ca_file: %s/ca.pem"),
            differs("host: h1\nssl_ca_certs: %s/ca.pem", "ca certificateRequired hostNameChecked tls", MORE_TLS),
            differs("host: h1\nssl: false\nssl_ca_certs: %s/ca.pem", "refused", CONTRADICTION),
            differs("host: h1\nssl: null", "no-warning", UNUSED),
            same("host: h1\nssl: \"true\""),
            differs("host: h1\nssl: yes", "refused", UNCLEAR_FLAG),
            same("host: h1\nmongoclient_kwargs: {tls: true}"),
            same("host: h1\nssl: true\nmongoclient_kwargs: {tls: true}"),
            same("host: h1\nmongoclient_kwargs: {ssl: true}"),
            same("host: h1\nmongoclient_kwargs: {tlsCAFile: %s/ca.pem}"),
            same("host: h1\nssl: true\nmongoclient_kwargs: {tlsCAFile: %s/ca.pem}"),
            same("host: h1\nmongoclient_kwargs: {tls: \"true\"}"),
            same("host: h1\nmongoclient_kwargs: {tls: null}"),
            same("host: h1\nmongoclient_kwargs: {tls: 1}"),
            differs("host: h1\nssl: true\nmongoclient_kwargs: {tlsAllowInvalidHostnames: true}", "refused", CHECKS),
            same("host: h1\nssl: true\nmongoclient_kwargs: {tlsAllowInvalidHostnames: false}"),
            same("host: h1\nmongoclient_kwargs: {tlsAllowInvalidHostnames: false}"),
            differs("host: h1\nssl: true\nmongoclient_kwargs: {ssl_cert_reqs: CERT_NONE}", "refused", CHECKS),
            differs("host: h1\nssl: true\nmongoclient_kwargs: {ssl_cert_reqs: 0}", "refused", CHECKS),
            differs("host: h1\nssl: true\nmongoclient_kwargs: {ssl_match_hostname: false}", "refused", CHECKS),
            differs("host: mongodb://h1/fws?tls=true&tlsInsecure=true\nuri_mode: true\nname: fws", "refused", CHECKS),
            differs(
                    "host: mongodb://h1/fws?tls=true&tlsinsecure=1\nuri_mode: true\nname: fws",
                    "refused",
                    UNCLEAR_FLAG),
            differs("host: h1\ntls: true\ntlsInsecure: true", "refused", CHECKS),
            same("host: h1:27018\nport: 27019"),
            same("host: h1,h2:27018,[::1]:27019\nmongoclient_kwargs: {replicaSet: rs0}"),
            same("host: [h1, \"h2:27018\"]"),
            same("host: \"::1\""),
            same("host: \"[::1]\""),
            same("host: H1.Example"),
            same("host: h1,,h2"),
            same("host: h1:0"),
            same("host: h1:abc"),
            same("host: \"\""),
            differs("host: \"h 1\"", "refused", NO_NETWORK_HOST),
            same("host: /tmp/mongodb-27017.sock"),
            differs(
                    "host: mongodb://%2Ftmp%2Fmongodb-27017.sock/fws\nuri_mode: true\nname: fws",
                    "refused", NO_NETWORK_HOST),
            same("host: null"),
            same("port: 27017"),
            same("host: 5"),
            same("host: h1\nport: \"27017\""),
            differs("host: h1\nport: 0", "refused", NO_NETWORK_HOST),
            differs("host: h1\nport: true", "refused", NO_NETWORK_HOST),
            differs("host: h1\nport: 70000", "refused", NO_NETWORK_HOST),
            same("host: h1\nport: 27017.0"),
            same("host: h1\nname: \"\""),
            same("host: h1\nname: 5"),
            same("host: h1\nname: a/b"),
            same("host: h1\nname: a\\b"),
            same("host: h1\nname: a*b"),
            same("host: h1\nname: \"a b\""),
            same("host: h1\nusername: u\npassword: null"),
            same("host: h1\nusername: u\npassword: \"\""),
            same("host: h1\nusername: \"\"\npassword: p"),
            same("host: h1\npassword: p"),
            same("host: h1\nusername: null\npassword: null"),
            differs("host: h1\nusername: u\npassword: 0123", "accepted", DIGITS),
            same("host: h1\nusername: u\npassword: p\nauthsource: admin"),
            same("host: h1\nusername: u\npassword: p\nauthsource: \"\""),
            same("host: h1\nusername: u\npassword: p"),
            same("host: h1\nusername: u\npassword: p\nmongoclient_kwargs: {authSource: admin}"),
            same("host: h1\nusername: u\npassword: p\nmongoclient_kwargs: {authsource: admin}"),
            same("host: h1\nmongoclient_kwargs: {username: u, password: p}"),
            differs("host: h1\nmongoclient_kwargs: {Username: u, Password: p}", "refused", SPELLING),
            same("host: h1\nmongoclient_kwargs: {authMechanism: MONGODB-X509}"),
            same("host: h1\nauthsource: $external\nmongoclient_kwargs: {authMechanism: MONGODB-X509}"),
            same(
                    "host: h1\nssl: true\nssl_certfile: %s/ck.pem\nauthsource: $external\nmongoclient_kwargs: {authMechanism: MONGODB-X509}"),
            same("host: h1\nauthsource: $external\nusername: CN=x\nmongoclient_kwargs: {authMechanism: MONGODB-X509}"),
            same(
                    "host: h1\nauthsource: $external\nusername: CN=x\npassword: p\nmongoclient_kwargs: {authMechanism: MONGODB-X509}"),
            same(
                    "host: mongodb://CN%3Dx@h1/?authMechanism=MONGODB-X509&tls=true&tlsCertificateKeyFile=%s/ck.pem\nuri_mode: true\nname: fws"),
            same(
                    "host: mongodb://h1/?authMechanism=MONGODB-X509&tls=true&tlsCertificateKeyFile=%s/ck.pem\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?authMechanism=MONGODB-X509&tls=true\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?authMechanism=MONGODB-X509&authSource=admin\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p@h1/other\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p@h1/\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p@h1\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p@h1/fws?authSource=admin\nuri_mode: true\nauthsource: x"),
            same("host: mongodb://u:p@h1/fws?authSource=admin\nuri_mode: true\nauthsource: x\nname: fws"),
            same("host: mongodb://u:p@h1/fws?authSource=admin\nname: fws"),
            same("host: mongodb://u:p@h1/fws\nusername: v\npassword: q\nname: fws"),
            same("host: mongodb://u@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://:p@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p%40%3A%2F%25@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p+q@h1/fws\nuri_mode: true\nname: fws"),
            differs("host: mongodb://u:p%zz@h1/fws\nuri_mode: true\nname: fws", "refused", SPELLING),
            same("host: mongodb://u:p@x@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p:x@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://u:p/x@h1/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?replicaSet=rs0&readPreference=secondaryPreferred\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1,h2/fws?directConnection=true\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?directConnection=true\nuri_mode: true\nname: fws"),
            same("host: h1,h2\nmongoclient_kwargs: {directConnection: true}"),
            same("host: mongodb://h1/fws?noSuch=1\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?noSuch\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?connectTimeoutMS=abc\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1?tls=true\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?tls=true;replicaSet=rs0\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws?authMechanism=FOO\nuri_mode: true\nname: fws"),
            differs("host: mongodb://h1/fws.coll\nuri_mode: true\nname: fws", "no-warning", UNUSED),
            same("host: mongodb://h1/f$ws\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws\nuri_mode: true\nname: fws\nssl: true\nssl_ca_certs: %s/ca.pem"),
            differs("host: cp01\nuri_mode: true\nname: fws", "refused", UNCLEAR_FLAG),
            differs("host: cp01\nuri_mode: \"false\"\nname: fws", "refused", UNCLEAR_FLAG),
            differs("host: cp01\nuri_mode: 0\nname: fws", "refused", UNCLEAR_FLAG),
            same("host: mongodb://h1:70000/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb://h1/fws\nname: fws"),
            same("host: mongodb://h1\nport: 27018\nname: fws"),
            differs("host: h1\nmongoclient_kwargs: []", "refused", SPELLING),
            same("host: h1\nmongoclient_kwargs: [tls]"),
            same("host: h1\nmongoclient_kwargs: tls"),
            same("host: h1\nmongoclient_kwargs: {tls: true, tls: false}"),
            differs("host: h1\nmongoclient_kwargs: {tls: true, TLS: false}", "refused", CONTRADICTION),
            same("host: h1\nmongoclient_kwargs: {host: x}"),
            same("host: h1\nmongoclient_kwargs: {connectTimeoutMS: -1}"),
            same("host: h1\nmongoclient_kwargs: {connectTimeoutMS: abc}"),
            same("host: h1\nmongoclient_kwargs: {socketTimeoutMS: 1000}"),
            same(
                    "host: h1\nmongoclient_kwargs: {readPreference: nearest, compressors: zlib, maxPoolSize: 7, w: majority, retryWrites: false}"),
            same("host: h1\nmongoclient_kwargs: {readPreference: foo}"),
            same("host: h1\nmongoclient_kwargs: {compressors: [zlib, snappy]}"),
            same(
                    "host: h1\nmongoclient_kwargs: {readPreferenceTags: [\"dc:ny,rack:1\", \"\"], readPreference: secondary}"),
            same("host: h1\nmongoclient_kwargs: {replicaSet: rs0, appname: x, connect: false, tz_aware: true}"),
            same("host: h1\nmongoclient_kwargs: {w: -1}"),
            differs("host: h1\nmongoclient_kwargs: {maxPoolSize: 0}", "no-warning", UNUSED),
            same("host: h1\nmongoclient_kwargs: {maxPoolSize: null}"),
            differs("host: h1\nlogdir: 5", "accepted", UNUSED),
            differs("host: h1\nstrm_lvl: FOO", "accepted", UNUSED),
            same("host: h1\nuser_indices: 5"),
            same("host: h1\nhost: h1"),
            same("host: 'h1"),
            differs("host:\th1", "accepted", TAB),
            same("\thost: h1"),
            same("- host"),
            same("host"),
            same("host: @h1"),
            same("host: h1\nname: *x"),
            same("host: h1\nmongoclient_kwargs: {timeoutMS: 5000}"),
            same("host: h1\nmongoclient_kwargs: {fsync: true}"),
            same("host: h1\nmongoclient_kwargs: {loadBalanced: true, replicaSet: x}"),
            differs("host: h1\ntlsInsecure: true", "refused", CHECKS),
            differs("host: h1\nssl: true\nssl_cert_reqs: CERT_NONE", "refused", CHECKS),
            differs(
                    "host: mongodb://h1/fws?tls=true&tlsAllowInvalidHostnames=true\nuri_mode: true\nname: fws",
                    "refused",
                    CHECKS),
            differs(
                    "host: mongodb://h1/fws?tls=true&tlsAllowInvalidCertificates=true\nname: fws\nssl: true",
                    "refused",
                    CHECKS),
            differs(
                    "host: mongodb://h1/fws?tls=true\nuri_mode: true\nname: fws\nmongoclient_kwargs: {tlsInsecure: true}",
                    "refused",
                    CHECKS),
            same("host: mongodb://h1/fws?tlsInsecure=false\nuri_mode: true\nname: fws"),
            differs(
                    "host: mongodb://h1/fws?ssl=true&ssl_match_hostname=false\nuri_mode: true\nname: fws",
                    "refused",
                    CHECKS),
            differs("host: <<HOSTNAME>>\nname: <<DB_NAME>>", "refused", PLACEHOLDER),
            same("host: |HOSTNAME|\nport: 27217"),
            differs("host: '|HOSTNAME|'", "refused", PLACEHOLDER),
            differs("host: mongodb://<username>:<password>@h1/fws\nuri_mode: true\nname: fws", "refused", PLACEHOLDER),
            same("host: h1\nmongoclient_kwargs: {ssl_ca_certs: %s/ca.pem}"),
            same("host: h1\nssl: true\nmongoclient_kwargs: {ssl_crlfile: %s/ca.crl}"),
            same("host: h1\nssl: true\nmongoclient_kwargs: {tlsCRLFile: %s/ca.crl}"),
            same("host: h1\nssl: true\nssl_certfile: %s/c.pem\nssl_keyfile: %s/k.pem"),
            differs("host: h1\nssl: true\nssl_ca_certs: /no/such/ca.pem", "refused", FILE),
            same("host: h1\nmongoclient_kwargs: {tls: true, tlsCAFile: /no/such/ca.pem}"),
            same("host: mongodb://h1/fws?tls=true&tlsCAFile=%2Fno%2Fsuch%2Fca.pem\nuri_mode: true\nname: fws"),
            same("host: h1\nmongoclient_kwargs: {noSuchOption: 3}"),
            same("host: h1\nusername: u\npassword: p\nmongoclient_kwargs: {authMechanism: SCRAM-SHA-256}"),
            same("host: h1\nusername: u\npassword: p\nmongoclient_kwargs: {authMechanism: PLAIN}"),
            same("host: h1\nusername: u\nauthsource: $external\nmongoclient_kwargs: {authMechanism: GSSAPI}"),
            differs(
                    "host: h1\nusername: u\npassword: p\nmongoclient_kwargs: {authMechanism: MONGODB-CR}",
                    "refused",
                    DRIVER),
            same("host: mongodb://h1/fws\nuri_mode: true\nname: fws\nmongoclient_kwargs: {username: u, password: p}"),
            same("host: mongodb://u:p@h1/fws\nuri_mode: true\nname: fws\nmongoclient_kwargs: {authSource: admin}"),
            same(
                    "host: mongodb://u:p@h1/fws\nuri_mode: true\nname: fws\nport: null\nusername: null\npassword: null\nmongoclient_kwargs: {}"),
            same("host: mongodb://u:p@h1,h2:27018,[::1]/fws?replicaSet=rs0\nuri_mode: true\nname: fws"),
            same("host: mongodb+srv://c0.example.net:27017/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb+srv://a.example.net,b.example.net/fws\nuri_mode: true\nname: fws"),
            same("host: mongodb+srv://u:p@c0.example.net/?tlsCAFile=%s/ca.pem\nuri_mode: true\nname: fws"),
            same(
                    "host: 127.0.0.1\nport: 27018\nname: jiriaf\nlogdir: null\nstrm_lvl: INFO\nuser_indices: []\nwf_user_indices: []\nssl: false\nssl_ca_certs: null\nssl_certfile: null\nssl_keyfile: null\nssl_pem_passphrase: null\nauthsource: null\nuri_mode: false\nmongoclient_kwargs: {}"),
            same("host: h1\nname: my.db"),
            same("host: h1\nname: $db"),
            same("host: h1\nport: null\nname: null"),
            differs("host: {a: b}", "refused", NO_TEXT),
            same("host: h1\nport: [1]"),
            same("host: h1\nuri_mode: null"),
            differs("host: h1\nuri_mode: yes", "refused", UNCLEAR_FLAG),
            same("<<: {host: h1}"),
            same("host: h1\n---\nhost: h2"),
            same("host: !x h1"));
    // spotless:on

    private static final Pattern SAME_ON_BOTH_SIDES = Pattern.compile("(\\S+): \\1(\\s|$)");

    private LaunchpadSamples() {}

    private static Sample same(String yaml) {
        return new Sample(yaml, "");
    }

    /** The reason is for whoever reads the table. */
    private static Sample differs(String yaml, String difference, String reason) {
        assertThat(reason).isNotBlank();
        return new Sample(yaml, difference);
    }

    static void assertThatItIsPlain(String message) {
        assertThat(message)
                .doesNotContain("Exception", "null", "org.", "java.", "com.mongodb")
                .doesNotContainPattern(SAME_ON_BOTH_SIDES);
    }
}
