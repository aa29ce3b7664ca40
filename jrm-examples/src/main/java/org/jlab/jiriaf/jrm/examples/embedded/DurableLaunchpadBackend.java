package org.jlab.jiriaf.jrm.examples.embedded;

import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.h2.mvstore.MVStore;

/**
 * The H2 backend with a commit before each write is acknowledged. By itself it commits about once a second, and a process
 * that is killed loses what it acknowledged since: workflows, and the counters with them, so that ids would be given twice.
 *
 * <p>Writes go one after the other, so that no commit catches another write half done, with a document and without its index.
 */
final class DurableLaunchpadBackend extends H2Backend {

    private static final Set<String> WRITES = Set.of(
            "insert",
            "update",
            "delete",
            "findandmodify",
            "create",
            "createindexes",
            "drop",
            "dropindexes",
            "dropdatabase");

    private final Object writing = new Object();

    /**
     * Makes a backend.
     *
     * @param store must not commit by itself
     */
    DurableLaunchpadBackend(MVStore store) {
        super(store);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
        String command = message.getDocument().keySet().iterator().next();
        return run(command, () -> super.handleMessage(message));
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        return run(command, () -> super.handleCommand(channel, database, command, query));
    }

    private Document run(String command, Supplier<Document> work) {
        if (!WRITES.contains(command.toLowerCase(Locale.ROOT))) {
            return work.get();
        }
        synchronized (writing) {
            try {
                return work.get();
            } finally {
                // Also after an error: part of a bulk write may have been done.
                commit();
            }
        }
    }
}
