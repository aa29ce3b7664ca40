package org.jlab.jiriaf.jrm.app.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The description of the service says what the code does: the same operations, media types, tokens and parameters. */
class OpenApiTest {

    private static final Set<String> STREAMS = Set.of("GET /events", "GET /workflows/{id}/events");

    @Test
    void describesEveryOperationAndNoOther() {
        try (InMemoryService service = new InMemoryService("127.0.0.1", null)) {
            JsonNode description = service.http.get("/openapi.json").json();
            Map<String, Operation> operations = service.service.operations().stream()
                    .collect(Collectors.toMap(operation -> operation.method() + " " + operation.path(), each -> each));
            Set<String> there = new TreeSet<>(operations.keySet());
            there.addAll(STREAMS);
            Set<String> described = new TreeSet<>();

            description
                    .path("paths")
                    .forEachEntry((path, methods) -> methods.forEachEntry((method, operationThere) -> {
                        String name = method.toUpperCase(Locale.ROOT) + " " + path;
                        described.add(name);
                        Operation operation = operations.get(name);
                        assertThat(operationThere.has("security"))
                                .as(name)
                                .isEqualTo(operation == null || operation.needsToken());
                        assertThat(pathParameters(operationThere)).as(name).isEqualTo(parameters(path));
                        if (operation != null) {
                            assertThat(mediaTypes(operationThere)).as(name).isEqualTo(operation.mediaTypes());
                        }
                    }));

            assertThat(described).isEqualTo(there);
        }
    }

    private static Set<String> pathParameters(JsonNode operation) {
        return operation
                .path("parameters")
                .valueStream()
                .filter(parameter -> parameter.path("in").asString().equals("path"))
                .map(parameter -> parameter.path("name").asString())
                .collect(Collectors.toSet());
    }

    private static Set<String> parameters(String path) {
        return java.util.regex.Pattern.compile("\\{([^}]*)}")
                .matcher(path)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
    }

    private static Set<String> mediaTypes(JsonNode operation) {
        return operation
                .path("requestBody")
                .path("content")
                .propertyStream()
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
