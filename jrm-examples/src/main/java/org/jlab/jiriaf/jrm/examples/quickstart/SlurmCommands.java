package org.jlab.jiriaf.jrm.examples.quickstart;

import java.io.IOException;
import java.util.List;

/** The batch system's commands on the login node, as far as jrm uses them. */
final class SlurmCommands {

    private final LocalBatchSystem batch;

    SlurmCommands(LocalBatchSystem batch) {
        this.batch = batch;
    }

    void register(StandInServer server) {
        server.register("squeue", this::squeue);
        server.register("scancel", this::scancel);
    }

    private void squeue(StandInCall call) throws IOException {
        call.exit(0);
    }

    private void scancel(StandInCall call) throws IOException {
        List<String> ids =
                call.arguments().stream().filter(word -> !word.startsWith("-")).toList();
        ids.forEach(batch::cancel);
        call.exit(0);
    }
}
