package org.jlab.jiriaf.jrm.store.mongo.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a launchpad file is told plainly, and what must not be is refused; {@code ;;} separates lines. */
class LaunchpadCasesTest {

    private static final String LINE = "\\s*;;\\s*";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host: mongodb+srv://u:p@c0.example.net/fws?w=majority ;; uri_mode: true ;; name: fws ;; ssl: false",
                "ssl: false ;; name: fws ;; uri_mode: true ;; host: mongodb+srv://c0.example.net/fws",
                "host: mongodb+srv://c0.example.net ;; ssl: false ;; name: fws ;; username: u ;; password: p",
                "host: mongodb+srv://c0.example.net/fws ;; uri_mode: true ;; mongoclient_kwargs: {tls: false}",
                "host: mongodb+srv://c0.example.net/fws ;; name: fws ;; mongoclient_kwargs: {ssl: false}",
                "host: mongodb://u:p@h1/fws?tls=true&authSource=admin ;; uri_mode: true ;; name: fws ;; ssl: false",
                "host: mongodb://h1/fws?authSource=admin&ssl=true ;; uri_mode: true ;; ssl: false",
                "host: mongodb://h1/fws?TLS=true ;; ssl: false ;; name: fws",
                "host: mongodb://h1,h2/fws?replicaSet=rs0&tls=true ;; uri_mode: true ;; mongoclient_kwargs: {ssl: false}",
                "host: h1 ;; ssl: true ;; mongoclient_kwargs: {tls: false}",
                "host: h1 ;; ssl: false ;; mongoclient_kwargs: {tls: true}",
                "host: h1 ;; ssl: true",
                "host: [h1, h2] ;; ssl: 'true'",
                "host: mongodb://h1/?tls=false ;; name: fws ;; ssl: true",
                "host: mongodb://h1/?tlsInsecure=false ;; name: fws ;; uri_mode: true"
            })
    void keepsTls(String lines) {
        LaunchpadConfig config = parse(lines);

        assertThat(config.clientSettings().getSslSettings().isEnabled()).isTrue();
        assertThat(config.clientSettings().getSslSettings().isInvalidHostNameAllowed())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "host: h1 ;; port: 1 ;; name: a ;; name: b # name (line 4)",
                "host: h1 ;; port: 1 ;; host: h1 # host (line 3)",
                "host: h1 ;; mongoclient_kwargs: {tls: true, tls: true} # mongoclient_kwargs.tls (line 2)",
                "host: h1 ;; mongoclient_kwargs: {noSuchOption: 3} # mongoclient_kwargs.noSuchOption (line 2)",
                "mongoclient_kwargs: {tsl: true} ;; host: h1 # mongoclient_kwargs.tsl (line 1)",
                "host: h1 ;; mongoclient_kwargs: {tls: true, tlsInsecure: true} # mongoclient_kwargs.tlsInsecure (line 2)",
                "host: h1 ;; mongoclient_kwargs: {TLSINSECURE: true} # mongoclient_kwargs.TLSINSECURE (line 2)",
                "host: h1 ;; mongoclient_kwargs: {tlsAllowInvalidCertificates: true} # Certificates (line 2)",
                "host: h1 ;; mongoclient_kwargs: {tlsAllowInvalidHostnames: 'true'} # Hostnames (line 2)",
                "host: h1 ;; ssl: true ;; mongoclient_kwargs: {ssl_cert_reqs: CERT_NONE} # ssl_cert_reqs (line 3)",
                "host: h1 ;; ssl: true ;; ssl_match_hostname: false # ssl_match_hostname (line 3)",
                "host: h1 ;; tlsInsecure: true # tlsInsecure (line 2)",
                "host: mongodb://h1/fws?tls=true&tlsInsecure=true ;; uri_mode: true # host (line 1), option tlsInsecure",
                "name: a ;; host: mongodb://h1/?tlsAllowInvalidHostnames=true # host (line 2), option tlsAllowInvalidHostnames",
                "host: mongodb://h1/fws?tlsInsecure=yes ;; uri_mode: true # host (line 1), option tlsInsecure",
                "host: mongodb://h1/fws ;; uri_mode: true ;; mongoclient_kwargs: {tlsInsecure: true} # kwargs.tlsInsecure (line 3)",
                "host: h1 ;; name: my database # name 'my database' (line 2)",
                "name: my.db ;; host: h1 # name 'my.db' (line 1)",
                "host: h1 ;; name: a/b # name 'a/b' (line 2)",
                "host: h1 ;; name: $b # name '$b' (line 2)",
                "host: <<HOSTNAME>> ;; port: 1 # host '<<HOSTNAME>>' placeholder (line 1)",
                "host: |HOSTNAME| ;; port: 1 # host '|HOSTNAME|' placeholder (line 1)",
                "port: 1 ;; host: h1 ;; name: |DB_NAME| # name '|DB_NAME|' placeholder (line 3)",
                "host: h1 ;; username: '{{ user }}' # username placeholder (line 2)",
                "host: h1 ;; username: ${USER} # username '${USER}' placeholder (line 2)",
                "host: mongodb+srv://u:p@<cluster>/fws ;; uri_mode: true # host '<cluster>' placeholder (line 1)",
                "host: mongodb://<user>:<password>@h1/fws ;; uri_mode: true # host placeholder (line 1)",
                "host: [h1, {a: b}] # host (line 1)",
                "host: h1 ;; port: [1] # port (line 2)",
                "host: h1 ;; port: '1' # port quotes (line 2)",
                "host: h1 ;; mongoclient_kwargs: [tls] # mongoclient_kwargs map (line 2)",
                "host: h1 ;; ssl: {a: b} # ssl map (line 2)",
                "host: h1 ;; mongoclient_kwargs: {connectTimeoutMS: soon} # connectTimeoutMS 'soon' (line 2)",
                "host: h1 ;; mongoclient_kwargs: {readPreference: [primary]} # readPreference list (line 2)",
                "host: h1 ;; mongoclient_kwargs: {tls: } # mongoclient_kwargs.tls no value (line 2)",
                "host: h1,,h2 # host comma (line 1)",
                "host: h1:27018x # host '27018x' (line 1)",
                "host: '::1' # host colons [ ] (line 1)",
                "host: h1,h2 ;; mongoclient_kwargs: {directConnection: true} # directConnection 2 hosts",
                "host: h1 ;; mongoclient_kwargs: {authMechanism: MONGODB-X509} # authsource 'fireworks' $external",
                "host: 'h1 ;; port: 1 # YAML",
                "host: h1 ;; name: @x # name line 2 quotes",
                "host: h1 ;; port: [[[[[[[[[[[[1]]]]]]]]]]]] # deep",
                "name: a # host missing"
            })
    void refusesAndNamesKeyValueAndLine(String lines, String words) {
        assertThatThrownBy(() -> parse(lines)).isInstanceOfSatisfying(LaunchpadConfigException.class, e -> {
            assertThat(e.faults()).allSatisfy(LaunchpadSamples::assertThatItIsPlain);
            assertThat(String.join(" ", e.faults())).contains(words.split(" "));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host: mongodb://u:hunter2/x@h1/fws ;; uri_mode: true",
                "host: mongodb://u:hunter2?x@h1/fws ;; uri_mode: true",
                "host: mongodb://u:hunter2@x@h1/fws ;; uri_mode: true",
                "host: mongodb://u:hunter2:x@h1/fws ;; uri_mode: true",
                "host: mongodb://u:hunter2%x@h1/fws ;; uri_mode: true",
                "host: u:hunter2@h1",
                "host: h1 ;; username: u ;; password: {a: hunter2}",
                "host: h1 ;; username: u ;; password: @hunter2",
                "host: h1 ;; username: u ;; password: 'hunter2",
                "host: h1 ;; username: u ;; password: '<hunter2>'",
                "host: h1 ;; mongoclient_kwargs: {tlsCertificateKeyFilePassword: [hunter2]}",
                "host: h1 ;; mongoclient_kwargs: {password: hunter2}"
            })
    void refusesWithoutShowingTheSecret(String lines) {
        assertThatThrownBy(() -> parse(lines))
                .isInstanceOf(LaunchpadConfigException.class)
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "host: h1:27018 ;; port: 27019 # h1:27018 # 27019",
                "port: 27017 ;; host: '[::1]:27018' # [::1]:27018 # 27017",
                "host: h1 ;; ssl: true # h1:27017 # ssl (line 2)",
                "host: mongodb://h1/fws?noSuch=1 ;; uri_mode: true ;; name: fws # mongodb://h1:27017/fws # noSuch",
                "host: mongodb://h1/fws ;; uri_mode: true ;; name: fws ;; ssl: true # mongodb://h1:27017/fws # uri_mode",
                "host: h1 ;; tls: true # h1:27017 # mongoclient_kwargs",
                "host: h1 ;; password: x # h1:27017 # username"
            })
    void warns(String lines, String place, String words) {
        LaunchpadConfig config = parse(lines);

        assertThat(config.toString()).endsWith(" at " + place);
        assertThat(String.join(" ", config.warnings())).contains(words.split(" "));
    }

    @Test
    void readsOnlyAFileOfText() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor(60, TimeUnit.SECONDS))
                .isTrue();
        Path huge = Files.write(folder.resolve("huge.yaml"), new byte[2_000_000]);
        Path latin1 = Files.write(
                folder.resolve("latin1.yaml"),
                "host: h1\nname: a\n# gr\u00fcn\n".getBytes(StandardCharsets.ISO_8859_1));
        Path mark = Files.writeString(folder.resolve("mark.yaml"), "\ufeffhost: h1\n");

        assertThatThrownBy(() -> LaunchpadConfig.read(pipe)).hasMessageContaining("pipe");
        assertThatThrownBy(() -> LaunchpadConfig.read(huge)).hasMessageContaining("larger than");
        assertThatThrownBy(() -> LaunchpadConfig.read(folder)).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> LaunchpadConfig.read(latin1)).hasMessageContaining("line 3");
        assertThatThrownBy(() -> LaunchpadConfig.read(mark)).hasMessageContaining("byte order mark");
        assertThatThrownBy(() -> LaunchpadConfig.read(folder.resolve("none")))
                .hasMessageContaining("lpad init")
                .hasMessageNotContaining("Exception");
    }

    private static LaunchpadConfig parse(String lines) {
        return LaunchpadConfig.parse(lines.replaceAll(LINE, "\n") + "\n", "my_launchpad.yaml");
    }
}
