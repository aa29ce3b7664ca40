package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** What the service shows of itself to people and programs: the page and the description of its operations. */
final class Pages {

    private Pages() {}

    static List<Operation> operations() {
        return List.of(
                page("/", "text/html; charset=utf-8", "page.html"),
                page("/assets/page.css", "text/css; charset=utf-8", "page.css"),
                page("/assets/page.js", "text/javascript; charset=utf-8", "page.js"),
                page("/openapi.json", "application/json", "openapi.json"));
    }

    private static Operation page(String path, String mediaType, String resource) {
        Buffer content = Buffer.buffer(read(resource));
        return Operation.open(path, call -> new Reply(200, mediaType, content, Map.of()));
    }

    private static byte[] read(String name) {
        try (InputStream resource = Pages.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException("The program lacks its file " + name);
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("The program cannot read its file " + name, e);
        }
    }
}
