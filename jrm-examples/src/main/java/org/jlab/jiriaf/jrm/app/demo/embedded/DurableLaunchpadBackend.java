package org.jlab.jiriaf.jrm.app.demo.embedded;

import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The H2 backend with a commit before each write is acknowledged. By itself it commits about once a second, and a process
 * that is killed loses what it acknowledged since: workflows, and the counters with them, so that ids would be given twice.
 *
 * <p>Writes go one after the other, so that no commit catches another write half done, with a document and without its index.
 * Answers are copied before the next write: the backend answers with the stored documents themselves and changes them in place,
 * so that of two that count up a counter both would be told the second number.
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

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final @Nullable LaunchpadLogin login;

    /**
     * Makes a backend.
     *
     * @param store must not commit by itself
     * @param login what clients have to pass first, or null for nothing
     */
    DurableLaunchpadBackend(MVStore store, @Nullable LaunchpadLogin login) {
        super(store);
        this.login = login;
        version(new MongoVersion44());
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
        if (login == null) {
            return run(channel, database, command, query);
        }
        login.require(channel, command);
        Document answer = login.answer(channel, command, query);
        if (answer != null) {
            return answer;
        }
        Document reply = run(channel, database, command, query);
        LaunchpadLogin.offer(query, reply);
        return reply;
    }

    /** Queries of the protocol before 3.6; all others are commands. */
    @Override
    public QueryResult handleQuery(MongoQuery query) {
        if (login != null) {
            login.require(query.getChannel(), "find");
        }
        return super.handleQuery(query);
    }

    @Override
    public void handleClose(Channel channel) {
        if (login != null) {
            login.forget(channel);
        }
        super.handleClose(channel);
    }

    private Document run(Channel channel, String database, String command, Document query) {
        boolean writes = WRITES.contains(command.toLowerCase(Locale.ROOT));
        Lock turn = writes ? lock.writeLock() : lock.readLock();
        turn.lock();
        try {
            return super.handleCommand(channel, database, command, query).cloneDeeply();
        } finally {
            try {
                if (writes) {
                    // Also after an error: part of a bulk write may have been done.
                    commit();
                }
            } finally {
                turn.unlock();
            }
        }
    }
}
