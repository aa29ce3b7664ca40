package org.jlab.jiriaf.jrm.examples.serve;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jlab.jiriaf.jrm.examples.report.Json;

/**
 * One answer.
 *
 * @param status HTTP status
 * @param mediaType media type of the body; empty without one
 * @param body the body
 * @param headers further headers
 */
record Reply(int status, String mediaType, byte[] body, Map<String, String> headers) {

    static Reply json(int status, Object value) {
        return new Reply(status, "application/json", Json.MAPPER.writeValueAsBytes(value), Map.of());
    }

    static Reply json(Object value) {
        return json(200, value);
    }

    static Reply text(String mediaType, String text) {
        return new Reply(200, mediaType, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Reply empty() {
        return new Reply(204, "", new byte[0], Map.of());
    }

    static Reply problem(Problem problem) {
        return new Reply(
                problem.status(),
                Problem.MEDIA_TYPE,
                Json.MAPPER.writeValueAsBytes(problem.toValues()),
                problem.headers());
    }

    Reply with(Map<String, String> moreHeaders) {
        return new Reply(status, mediaType, body, moreHeaders);
    }
}
