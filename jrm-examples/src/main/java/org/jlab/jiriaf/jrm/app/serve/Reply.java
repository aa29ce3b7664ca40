package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.jlab.jiriaf.jrm.app.Json;

/**
 * One answer.
 *
 * @param status HTTP status
 * @param mediaType media type of the body; empty without one
 * @param body the body
 * @param headers further headers
 */
record Reply(int status, String mediaType, Buffer body, Map<String, String> headers) {

    static Reply json(int status, Object value) {
        return new Reply(status, "application/json", buffer(value), Map.of());
    }

    private static Buffer buffer(Object value) {
        return Buffer.buffer(Json.MAPPER.writeValueAsBytes(value));
    }

    static Reply json(Object value) {
        return json(200, value);
    }

    static Reply text(String mediaType, String text) {
        return new Reply(200, mediaType, Buffer.buffer(text), Map.of());
    }

    static Reply empty() {
        return new Reply(204, "", Buffer.buffer(), Map.of());
    }

    static Reply problem(Problem problem) {
        return new Reply(problem.status(), Problem.MEDIA_TYPE, buffer(problem.toValues()), problem.headers());
    }

    Reply with(Map<String, String> moreHeaders) {
        return new Reply(status, mediaType, body, moreHeaders);
    }
}
