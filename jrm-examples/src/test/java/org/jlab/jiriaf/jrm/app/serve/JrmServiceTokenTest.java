package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.Secret;
import org.junit.jupiter.api.Test;

class JrmServiceTokenTest {

    private static final String TOKEN = "0123456789abcdef0123";

    @Test
    void listensOnNoAddressOfOthersWithoutAToken() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JrmService.Access(ServiceAddress.parse("0.0.0.0:0"), Set.of(), null))
                .withMessageContaining("0.0.0.0")
                .withMessageContaining("token");
    }

    @Test
    void showsNothingOfAnybodysWithoutTheToken() {
        try (InMemoryService service = new InMemoryService("0.0.0.0", Secret.of(TOKEN))) {
            for (String path : List.of(
                    "/workflows",
                    "/workflows/1",
                    "/workflows/1/events",
                    "/events",
                    "/tunnels",
                    "/ports",
                    "/targets",
                    "/get_port/127.0.0.1/15000/15001")) {
                assertThat(service.http.get(path).status()).as(path).isEqualTo(401);
                assertThat(service.http
                                .get(path, "Authorization: Bearer " + TOKEN + "x")
                                .status())
                        .as(path)
                        .isEqualTo(401);
            }
            assertThat(service.deploy().status()).isEqualTo(401);
            assertThat(service.http.send("DELETE", "/workflows/1", "").status()).isEqualTo(401);
            assertThat(service.http
                            .get("/workflows", "Authorization: bearer " + TOKEN)
                            .status())
                    .isEqualTo(200);
            assertThat(service.http.get("/").status()).isEqualTo(200);
            assertThat(service.http.get("/healthz").body()).doesNotContain("in memory");
        }
    }
}
