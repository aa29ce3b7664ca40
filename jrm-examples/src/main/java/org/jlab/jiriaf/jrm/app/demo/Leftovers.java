package org.jlab.jiriaf.jrm.app.demo;

import com.mongodb.client.MongoDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.bson.Document;
import org.jlab.jiriaf.jrm.app.demo.ListeningSockets.Listener;

/** Looks for what a deployment has left behind, at the places themselves rather than at what jrm says of them. */
final class Leftovers {

    /** Ends of connections and processes are noticed by the kernel and by servers a little later than by who ended them. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final List<String> COLLECTIONS = List.of("fireworks", "workflows", "launches", "offline_runs");

    /**
     * The outcome of one look.
     *
     * @param what what was looked for
     * @param left what is there; empty if nothing is left
     */
    record Finding(String what, List<String> left) {

        Finding {
            left = List.copyOf(left);
        }
    }

    private Leftovers() {}

    /**
     * Looks after a deployment has been deleted, while everything else still runs.
     *
     * @param stage where it was
     * @param listenersBefore what listened before the deployment
     * @param launchpad the control plane's own connection to the LaunchPad
     */
    static List<Finding> ofDeployment(Stage stage, Set<Listener> listenersBefore, LaunchpadConnection launchpad) {
        return List.of(
                look("listening sockets on " + stage.network(), () -> {
                    Set<Listener> now = ListeningSockets.of(stage.network());
                    now.removeAll(listenersBefore);
                    return now;
                }),
                look(
                        "SSH connections",
                        () -> stage.loginNode().connections() == 0
                                ? List.of()
                                : List.of(stage.loginNode().connections() + " on jump host and login node")),
                look("processes of the job", () -> describe(stage.processes().all())),
                look("port leases", () -> launchpad.store().portLeases().list()),
                look("documents in the LaunchPad", () -> documents(launchpad.database())),
                look(
                        "Kubernetes nodes",
                        () -> stage.kubernetes().client().nodes().list().getItems().stream()
                                .map(node -> node.getMetadata().getName())
                                .toList()));
    }

    /**
     * Looks after everything has been taken down.
     *
     * @param network addresses of the run
     * @param processes processes of the run
     */
    static List<Finding> ofRun(LoopbackNetwork network, ProcessTable processes) {
        return List.of(
                look("listening sockets on " + network + ", servers included", () -> ListeningSockets.of(network)),
                look("processes of the run", () -> describe(processes.all())));
    }

    private static List<String> describe(List<ProcessHandle> processes) {
        return processes.stream()
                .map(process ->
                        process.pid() + " " + process.info().commandLine().orElse("?"))
                .toList();
    }

    private static List<String> documents(MongoDatabase database) {
        List<String> left = new ArrayList<>();
        for (String collection : COLLECTIONS) {
            for (Document document : database.getCollection(collection).find()) {
                left.add(collection + " " + document.get("name") + " " + document.get("_id"));
            }
        }
        return left;
    }

    private static Finding look(String what, Supplier<? extends Collection<?>> question) {
        Polling.until(() -> question.get().isEmpty(), PATIENCE);
        return new Finding(what, question.get().stream().map(String::valueOf).toList());
    }
}
