package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The mock server's CRUD mode with some requests answered otherwise. */
final class ScriptedDispatcher extends Dispatcher {

    private final KubernetesCrudDispatcher crud;
    private final Function<RecordedRequest, @Nullable MockResponse> script;
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    /**
     * Makes a dispatcher.
     *
     * @param script answers a request, or returns null to leave it to the CRUD mode
     */
    ScriptedDispatcher(KubernetesCrudDispatcher crud, Function<RecordedRequest, @Nullable MockResponse> script) {
        this.crud = crud;
        this.script = script;
    }

    @Override
    public MockResponse dispatch(RecordedRequest request) {
        requests.add(request.getMethod() + " " + request.getPath());
        MockResponse scripted = script.apply(request);
        return scripted == null ? crud.dispatch(request) : scripted;
    }

    /** The requests so far that contain a text. */
    List<String> requests(String part) {
        return requests.stream().filter(request -> request.contains(part)).toList();
    }
}
