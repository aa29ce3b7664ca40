package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.app.Json;
import tools.jackson.databind.JsonNode;

/**
 * Chromium without a screen, driven by {@code chromedriver}.
 *
 * @see <a href="https://www.w3.org/TR/webdriver2/">WebDriver</a>
 */
final class Browser implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final Path log;
    private final String session;

    Browser(Path folder) throws IOException {
        log = folder.resolve("chromedriver.log");
        driver = new ProcessBuilder("chromedriver", "--port=0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(TIMEOUT)
                    .until(() -> PORT.matcher(Files.readString(log)).find());
            Matcher port = PORT.matcher(Files.readString(log));
            assertThat(port.find()).isTrue();
            String root = "http://127.0.0.1:" + port.group(1) + "/session";
            List<String> switches = List.of(
                    "--headless=new",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--user-data-dir=" + folder.resolve("profile"));
            JsonNode opened = request(
                    "POST",
                    root,
                    Map.of(
                            "capabilities",
                            Map.of(
                                    "alwaysMatch",
                                    Map.of(
                                            "browserName",
                                            "chrome",
                                            "goog:chromeOptions",
                                            Map.of("args", switches),
                                            "goog:loggingPrefs",
                                            Map.of("browser", "ALL")))));
            session = root + "/" + opened.path("sessionId").asString();
        } catch (IOException | RuntimeException e) {
            driver.destroyForcibly();
            throw e;
        }
    }

    void open(String url) {
        command("url", Map.of("url", url));
    }

    void resize(int width, int height) {
        command("window/rect", Map.of("width", width, "height", height));
    }

    void click(String selector) {
        command("element/" + element(selector) + "/click", Map.of());
    }

    void type(String selector, String text) {
        command("element/" + element(selector) + "/value", Map.of("text", text));
    }

    private String element(String selector) {
        return command("element", Map.of("using", "css selector", "value", selector))
                .path(ELEMENT)
                .asString();
    }

    /** The value of a JavaScript expression. */
    JsonNode evaluate(String expression) {
        return command("execute/sync", Map.of("script", "return " + expression, "args", List.of()));
    }

    void awaitTrue(String expression) {
        await(expression)
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> evaluate(expression).asBoolean(false));
    }

    /** What the browser complains of: errors of the script, and what the content security policy keeps out. */
    List<String> complaints() {
        return command("se/log", Map.of("type", "browser"))
                .valueStream()
                .filter(entry -> entry.path("level").asString().equals("SEVERE"))
                .map(entry -> entry.path("message").asString())
                .toList();
    }

    void screenshot(Path file) throws IOException {
        String picture = request("GET", session + "/screenshot", null).asString();
        Files.write(file, Base64.getDecoder().decode(picture));
    }

    private JsonNode command(String name, Map<String, ?> parameters) {
        return request("POST", session + "/" + name, parameters);
    }

    private JsonNode request(String method, String url, @org.jspecify.annotations.Nullable Object body) {
        try {
            String answer = http.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(TIMEOUT)
                                    .method(
                                            method,
                                            body == null
                                                    ? BodyPublishers.noBody()
                                                    : BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            JsonNode value = Json.MAPPER.readTree(answer).path("value");
            assertThat(value.has("error"))
                    .as("%s %s: %s", method, url, value.path("message").asString(""))
                    .isFalse();
            return value;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            var unused = request("DELETE", Objects.requireNonNull(session), null);
        } finally {
            driver.destroy();
        }
    }
}
