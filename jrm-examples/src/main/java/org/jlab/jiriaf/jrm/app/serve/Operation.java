package org.jlab.jiriaf.jrm.app.serve;

import io.vertx.core.http.HttpMethod;
import java.util.Set;

/**
 * One thing that can be asked of the service.
 *
 * @param method HTTP method
 * @param path path as OpenAPI writes it, with {@code {parameters}}
 * @param mediaTypes what its body may be; empty if it takes none
 * @param needsToken whether it is for those alone who have the token, if there is one
 * @param slow whether it may wait for a site
 * @param action what is done, by a thread that may wait
 */
record Operation(
        HttpMethod method, String path, Set<String> mediaTypes, boolean needsToken, boolean slow, Action action) {

    /** JSON alone. */
    static final Set<String> JSON = Set.of("application/json");

    /** What a site file is sent as; JSON is YAML too. */
    static final Set<String> SITE_FILE =
            Set.of("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/json");

    /** What is done. */
    @FunctionalInterface
    interface Action {
        Reply apply(Call call) throws Exception;
    }

    /** Answers at once from what is known here or in the store. */
    static Operation get(String path, Action action) {
        return new Operation(HttpMethod.GET, path, Set.of(), true, false, action);
    }

    /** Shows nothing of anybody's. */
    static Operation open(String path, Action action) {
        return new Operation(HttpMethod.GET, path, Set.of(), false, false, action);
    }

    static Operation post(String path, Set<String> mediaTypes, Action action) {
        return new Operation(HttpMethod.POST, path, mediaTypes, true, true, action);
    }

    static Operation delete(String path, Action action) {
        return new Operation(HttpMethod.DELETE, path, Set.of(), true, true, action);
    }

    /** The path as the router writes it. */
    String routerPath() {
        return path.replace('{', ':').replace("}", "");
    }
}
