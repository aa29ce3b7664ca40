package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Debian's Prometheus, which asks by http_sd what it shall scrape. Every two seconds it asks, and scrapes. */
final class Prometheus implements AutoCloseable {

    private static final int PORT = 19090;
    private static final URI API = URI.create("http://127.0.0.1:" + PORT + "/api/v1/");

    private final MetricsClient client = new MetricsClient(Duration.ofSeconds(10));
    private final Process process;

    /**
     * Starts it.
     *
     * @param targets where it asks
     */
    Prometheus(Path folder, URI targets) throws Exception {
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global:
                  scrape_interval: 2s
                  scrape_timeout: 2s
                scrape_configs:
                - job_name: jrm
                  http_sd_configs:
                  - url: %s
                    refresh_interval: 2s
                  tls_config:
                    insecure_skip_verify: true
                """.formatted(targets));
        check(config);
        process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + PORT)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    /** Has promtool read a configuration, which has to be right. */
    static void check(Path config) throws IOException, InterruptedException {
        Process promtool = new ProcessBuilder("promtool", "check", "config", config.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(said).isZero();
    }

    /** What it scrapes now: health by the labels. */
    Map<Map<?, ?>, Object> targets() {
        List<?> active = (List<?>) data("targets?state=active").get("activeTargets");
        return active.stream()
                .map(target -> (Map<?, ?>) target)
                .collect(Collectors.toMap(target -> (Map<?, ?>) target.get("labels"), target -> target.get("health")));
    }

    /** How many series an expression has. */
    int count(String expression) {
        return ((List<?>) data("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                        .get("result"))
                .size();
    }

    private Map<?, ?> data(String request) {
        Map<?, ?> answer = Serialization.unmarshal(client.get(API.resolve(request)), Map.class);
        return (Map<?, ?>) answer.get("data");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
