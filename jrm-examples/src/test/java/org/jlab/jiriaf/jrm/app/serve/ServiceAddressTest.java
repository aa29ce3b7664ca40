package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceAddressTest {

    @ParameterizedTest
    @CsvSource({
        "172.17.0.1, http://172.17.0.1:8888",
        "127.0.0.1:9000, http://127.0.0.1:9000",
        ":9000, http://127.0.0.1:9000",
        "[::1]:9000, http://[0:0:0:0:0:0:0:1]:9000",
        "[::1], http://[0:0:0:0:0:0:0:1]:8888"
    })
    void readsHostAndPort(String text, String url) {
        ServiceAddress address = ServiceAddress.parse(text);

        assertThat(address.url(address.port())).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1:x", "127.0.0.1:70000", "::1:9000", "http://127.0.0.1:8888", "127.0.0.999"})
    void refusesWhatIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ServiceAddress.parse(text));
    }

    @Test
    void listensOnLoopbackAtPort8888UnlessToldOtherwise() {
        assertThat(ServiceAddress.parse("localhost").port()).isEqualTo(8888);
        assertThat(ServiceAddress.parse("localhost").address().isLoopbackAddress())
                .isTrue();
    }
}
