package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the changes of several jrm apart on a server that does not do so itself.
 *
 * <p>MongoDB finds a document and changes it in one step; on that everything here and in FireWorks relies. FerretDB 1.x finds
 * it, works the change out, and writes the whole document back by its {@code _id} (its {@code msg_update.go}, {@code
 * msg_findandmodify.go} and {@code msg_delete.go}), so of two changes at once one is lost. What it does in one step is to insert
 * under a unique index. There a change holds the newest document of {@code jrm_locks}, a collection of jrm's own:
 *
 * <pre>{@code {_id: 17, nonce, released: false, host, pid, started}}</pre>
 *
 * <p>Who inserts the number after the newest, once that is released, goes next. So does who knows that the process is gone, as it
 * ran on his host; and a number that has stayed unreleased for {@link #PATIENCE} by the clock of who waits is that of a process
 * that died, wherever. Other programs know nothing of this: two FireWorks on
 * FerretDB 1.x still overwrite each other, and jrm.
 *
 * <p>On every other server this does nothing. Thread-safe; one who is inside may go in again.
 */
final class Exclusion {

    /** Longer than any change takes, a wait for FireWorks' lock included. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final int KEPT = 100;
    private static final String WHAT = "take turns at changes";

    private final MongoDatabase database;
    private final MongoCollection<Document> locks;
    private final Duration patience;
    private final ProcessIdentity self = ProcessIdentity.current(hostName());
    private final ReentrantLock inThisProcess = new ReentrantLock(true);
    private volatile @Nullable Boolean needed;

    Exclusion(MongoDatabase database) {
        this(database, PATIENCE, null);
    }

    /**
     * For tests.
     *
     * @param patience how long a process may be inside until it is taken for dead
     * @param needed whether the server needs this; null to ask it
     */
    Exclusion(MongoDatabase database, Duration patience, @Nullable Boolean needed) {
        this.database = database;
        this.locks = database.getCollection("jrm_locks");
        this.patience = patience;
        this.needed = needed;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // Then nobody knows of its process; patience is left.
            return "";
        }
    }

    /**
     * Makes a change while no other jrm does.
     *
     * @param calls makes the exceptions of who asks
     * @param change the change
     */
    <T extends @Nullable Object> T alone(Calls calls, Supplier<T> change) {
        if (!isNeeded(calls)) {
            return change.get();
        }
        inThisProcess.lock();
        try {
            return inThisProcess.getHoldCount() > 1 ? change.get() : holding(calls, change);
        } finally {
            inThisProcess.unlock();
        }
    }

    /** Whether the server finds a document and changes it in two steps. */
    boolean isNeeded(Calls calls) {
        Boolean known = needed;
        if (known == null) {
            Document server =
                    calls.run("ask the server what it is", () -> database.runCommand(new Document("buildInfo", 1)));
            known = Fields.text(server.get("ferretdbVersion"), "").startsWith("v1.");
            needed = known;
        }
        return known;
    }

    private <T extends @Nullable Object> T holding(Calls calls, Supplier<T> change) {
        int number = acquire(calls);
        Runnable release = () -> locks.updateOne(Filters.eq("_id", number), Updates.set("released", true));
        T result;
        try {
            result = change.get();
        } catch (RuntimeException e) {
            calls.undo(WHAT, e, release);
            throw e;
        }
        calls.act(WHAT, release);
        if (number % KEPT == 0) {
            calls.act(WHAT, () -> locks.deleteMany(Filters.lt("_id", number)));
        }
        return result;
    }

    private int acquire(Calls calls) {
        ObjectId nonce = new ObjectId();
        int seen = -1;
        long seenSince = System.nanoTime();
        for (int wait = 1; ; wait++) {
            Document newest = newest(calls);
            int number = newest == null ? 0 : newest.getInteger("_id");
            if (number != seen) {
                seen = number;
                seenSince = System.nanoTime();
            }
            boolean free = newest == null
                    || newest.getBoolean("released", false)
                    || isOfDeadProcess(newest)
                    || System.nanoTime() - seenSince > patience.toNanos();
            if (free && insert(calls, number + 1, nonce)) {
                return number + 1;
            }
            if (!free) {
                pause(calls, wait);
            }
        }
    }

    /** A service that is killed and started again does not wait for itself. */
    private boolean isOfDeadProcess(Document lock) {
        String host = Fields.text(lock.get("host"), "");
        return lock.get("pid") instanceof Number pid
                && lock.get("started") instanceof Number started
                && new ProcessIdentity(host, pid.longValue(), Instant.ofEpochMilli(started.longValue()))
                        .isKnownDead(self.host());
    }

    private @Nullable Document newest(Calls calls) {
        return calls.<@Nullable Document>run(
                WHAT, () -> locks.find().sort(Sorts.descending("_id")).first());
    }

    /** A number may have been taken, released and cleared away since it was worked out; then a newer one is there. */
    private boolean insert(Calls calls, int number, ObjectId nonce) {
        Document lock = new Document("_id", number)
                .append("nonce", nonce)
                .append("released", false)
                .append("host", self.host())
                .append("pid", self.pid())
                .append("started", self.startedAt().toEpochMilli());
        boolean inserted = calls.run(WHAT, tried -> {
            try {
                locks.insertOne(lock);
                return true;
            } catch (MongoWriteException e) {
                if (!Calls.isDuplicate(e)) {
                    throw e;
                }
                return tried > 0
                        && locks.countDocuments(Filters.and(Filters.eq("_id", number), Filters.eq("nonce", nonce))) > 0;
            }
        });
        if (!inserted) {
            return false;
        }
        Document newest = newest(calls);
        if (newest != null && newest.getInteger("_id") == number) {
            return true;
        }
        calls.act(WHAT, () -> locks.deleteOne(Filters.eq("_id", number)));
        return false;
    }

    private static void pause(Calls calls, int wait) {
        long most = TimeUnit.MILLISECONDS.toNanos(Math.min(4L * wait, 50));
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
        if (Thread.currentThread().isInterrupted()) {
            throw calls.failed(WHAT, "interrupted while another jrm had its turn.");
        }
    }
}
