package org.jlab.jiriaf.jrm.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SshValuesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-L *:10001:localhost:10001",
                "-R localhost:27017:localhost:27017",
                "-L [::1]:10001:[fe80::1]:22",
                "-L 172.17.0.1:1:login04:65535"
            })
    void readsAForwardAsItIsPrinted(String text) {
        assertThat(Forward.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-L 10001:localhost:10001", "-D *:1:a:2", "-L a:1:b", "-L a:1:b:2 ", "-L a:0:b:1"})
    void refusesWhatIsNoForward(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Forward.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "login04,,login04,0",
        "user@login04,user,login04,0",
        "user@login04:2222,user,login04,2222",
        "fe80::1,,fe80::1,0",
        "u@[fe80::1]:22,u,fe80::1,22",
        "a@b@host,a@b,host,0"
    })
    void readsAHop(String text, String user, String host, int port) {
        assertThat(SshHop.parse(text)).isEqualTo(new SshHop(host, user, port));
        assertThat(SshHop.parse(SshHop.parse(text).toString())).isEqualTo(SshHop.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-oProxyCommand=touch x", "a b", "user@-x", "-l@host", "host:99999", "host:x"})
    void refusesAHopThatIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> SshHop.parse(text));
    }

    @Test
    void showsNoPassword() {
        SshRoute route = new SshRoute(
                List.of(SshHop.parse("jump"), SshHop.parse("u@login")), Path.of("key"), Secret.of("m4rk3r"));

        assertThat(route.toString() + route.describe()).doesNotContain("m4rk3r");
        assertThat(route.describe()).isEqualTo("u@login through jump");
    }
}
