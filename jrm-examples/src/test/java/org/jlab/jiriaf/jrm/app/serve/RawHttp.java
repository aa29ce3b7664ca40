package org.jlab.jiriaf.jrm.app.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.app.Json;
import tools.jackson.databind.JsonNode;

/** Sends requests as they are written, with whatever headers: the JDK's client allows neither another Host nor an Origin. */
final class RawHttp {

    private static final int PATIENCE_MILLIS = 60_000;

    private final URI server;

    RawHttp(String url) {
        server = URI.create(url);
    }

    record Answer(int status, Map<String, String> headers, String body) {

        JsonNode json() {
            return Json.MAPPER.readTree(body);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    Answer get(String path, String... headers) {
        return send("GET", path, "", headers);
    }

    Answer post(String path, String mediaType, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Type: " + mediaType;
        return send("POST", path, body, all);
    }

    Answer send(String method, String path, String body, String... headers) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        if (Arrays.stream(headers).noneMatch(header -> header.startsWith("Host:"))) {
            head.append("Host: ").append(server.getAuthority()).append("\r\n");
        }
        List.of(headers).forEach(header -> head.append(header).append("\r\n"));
        head.append("Connection: close\r\n");
        if (!method.equals("GET")) {
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(content);
            socket.getOutputStream().flush();
            return parse(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer parse(String text) {
        String[] parts = text.split("\r\n\r\n", 2);
        List<String> lines = parts[0].lines().toList();
        return new Answer(
                Integer.parseInt(lines.get(0).split(" ", 3)[1]),
                lines.stream()
                        .skip(1)
                        .map(line -> line.split(": ?", 2))
                        .collect(Collectors.toMap(
                                line -> line[0].toLowerCase(Locale.ROOT), line -> line[1], (first, second) -> second)),
                parts.length > 1 ? parts[1] : "");
    }
}
