package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.DuplicateKeyException;
import com.mongodb.ErrorCategory;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.Document;
import org.jlab.jiriaf.jrm.JrmException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls of the driver: repeated when the connection is lost, and with errors that say what failed, where and what to do.
 * Whatever is repeated must come to the same when its first try did reach the server and only the answer was lost.
 */
final class RetryingCalls {

    /** Makes the exception of the interface that is served. */
    @FunctionalInterface
    interface Failure {
        JrmException make(String message, @Nullable Throwable cause, boolean transientFailure);
    }

    private static final Logger LOG = LoggerFactory.getLogger(RetryingCalls.class);

    /** A failover costs one try on the old primary and maybe one on a node that no longer is one. */
    private static final int TRIES = 3;

    /**
     * What a server answers that has lost its place as primary or is being shut down: the codes that the MongoDB drivers'
     * specifications of retryable reads and writes list. Whether the command was carried out is not said.
     */
    private static final Set<Integer> FAILOVER =
            Set.of(6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436);

    private static final int NOT_AUTHORIZED = 13;
    private static final int AUTHENTICATION_FAILED = 18;
    /** What a driver that waited in vain for a server tells last: why it could not connect. */
    private static final Pattern CAUSE = Pattern.compile("caused by \\{[\\w.$]+: ([^}]*)}");

    private static final Pattern ADDRESS = Pattern.compile("address=([^,}]+)");

    private final String database;
    private final Failure failure;

    RetryingCalls(String database, Failure failure) {
        this.database = database;
        this.failure = failure;
    }

    /**
     * Runs a call that may be repeated.
     *
     * @param what what is attempted, to follow "Cannot"
     * @param call the call; told how many tries went before it
     */
    <T extends @Nullable Object> T run(String what, IntFunction<T> call) {
        for (int tried = 0; ; tried++) {
            try {
                return call.apply(tried);
            } catch (MongoException e) {
                if (tried + 1 >= TRIES || !isConnectionLost(e)) {
                    throw translated(what, e);
                }
                LOG.debug("Trying again to {} in database {} after {}", what, database, e.toString());
            } catch (BsonMaximumSizeExceededException e) {
                throw failure.make(
                        "Cannot " + what + " in LaunchPad database '" + database
                                + "': a document is larger than MongoDB"
                                + " holds (16 MB). Use fewer nodes or shorter scripts.",
                        e,
                        false);
            }
        }
    }

    <T extends @Nullable Object> T run(String what, Supplier<T> call) {
        return this.<T>run(what, tried -> call.get());
    }

    void act(String what, Runnable call) {
        run(what, tried -> {
            call.run();
            return true;
        });
    }

    /** Puts something right after a failure, whose exception stays the one to be told. Also works when interrupted. */
    void undo(String what, Throwable failure, Runnable call) {
        boolean interrupted = Thread.interrupted();
        try {
            act(what, call);
        } catch (JrmException e) {
            failure.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Inserts a document that has its {@code _id}, once, also if the connection is lost. */
    void insert(String what, MongoCollection<Document> collection, Document document) {
        insert(what, collection, List.of(document));
    }

    /** Inserts documents that have their {@code _id}, each once, also if the connection is lost in the middle. */
    void insert(String what, MongoCollection<Document> collection, List<Document> documents) {
        run(what, tried -> {
            try {
                if (documents.size() == 1) {
                    collection.insertOne(documents.get(0));
                } else {
                    collection.insertMany(documents, new InsertManyOptions().ordered(false));
                }
            } catch (MongoWriteException | MongoBulkWriteException e) {
                if (tried == 0 || !isDuplicate(e) || !exist(collection, documents)) {
                    throw e;
                }
            }
            return true;
        });
    }

    /** Whether a unique index has refused what was to be written. */
    static boolean isDuplicate(JrmException e) {
        return e.getCause() instanceof MongoException cause && isDuplicate(cause);
    }

    static boolean isDuplicate(MongoException e) {
        if (e instanceof MongoBulkWriteException bulk) {
            return bulk.getWriteErrors().stream().allMatch(error -> error.getCategory() == ErrorCategory.DUPLICATE_KEY);
        }
        return e instanceof DuplicateKeyException
                || ErrorCategory.fromErrorCode(e.getCode()) == ErrorCategory.DUPLICATE_KEY;
    }

    /** Duplicates that are one's own, from the try whose answer was lost. */
    private static boolean exist(MongoCollection<Document> collection, List<Document> documents) {
        List<Object> ids = new ArrayList<>();
        documents.forEach(document -> ids.add(document.get("_id")));
        return collection.countDocuments(Filters.in("_id", ids)) == documents.size();
    }

    static boolean isConnectionLost(MongoException e) {
        return e instanceof MongoSocketException
                || FAILOVER.contains(e.getCode())
                || (e instanceof MongoBulkWriteException bulk
                        && bulk.getWriteErrors().isEmpty()
                        && bulk.getWriteConcernError() != null
                        && FAILOVER.contains(bulk.getWriteConcernError().getCode()))
                || e.hasErrorLabel("RetryableWriteError");
    }

    /** What cannot be done for now, though the server answers. */
    JrmException failed(String what, String why) {
        return failure.make("Cannot " + what + " in LaunchPad database '" + database + "': " + why, null, true);
    }

    private JrmException translated(String what, MongoException e) {
        String where = "Cannot " + what + " in LaunchPad database '" + database + "'" + address(e) + ": ";
        if (e instanceof MongoInterruptedException) {
            Thread.currentThread().interrupt();
            return failure.make(where + "interrupted. Look whether it happened before trying again.", e, true);
        }
        if (e instanceof MongoSecurityException || e.getCode() == AUTHENTICATION_FAILED) {
            return failure.make(
                    where + "the login was refused. Check username, password and authsource in my_launchpad.yaml.",
                    e,
                    false);
        }
        if (e.getCode() == NOT_AUTHORIZED) {
            String said = e instanceof MongoCommandException command ? command.getErrorMessage() : e.getMessage();
            return failure.make(
                    where + "not allowed: " + said
                            + ". The server wants username and password in my_launchpad.yaml, and that user to have the"
                            + " role readWrite on this database.",
                    e,
                    false);
        }
        if (e instanceof MongoTimeoutException || isConnectionLost(e)) {
            return failure.make(
                    where + "no answer from the server (" + reason(e)
                            + "). Check that MongoDB runs there and that host, port and tunnel are right, then try again.",
                    e,
                    true);
        }
        return failure.make(where + e.getMessage() + ". The server refused it; nothing else is known.", e, false);
    }

    private static String reason(MongoException e) {
        String message = String.valueOf(e.getMessage());
        Matcher matcher = CAUSE.matcher(message);
        return e instanceof MongoTimeoutException && matcher.find() ? matcher.group(1) : message;
    }

    private static String address(MongoException e) {
        if (e instanceof MongoSocketException socket) {
            return " at " + socket.getServerAddress();
        }
        if (e instanceof MongoServerException server && server.getServerAddress() != null) {
            return " at " + server.getServerAddress();
        }
        Matcher matcher = ADDRESS.matcher(String.valueOf(e.getMessage()));
        return matcher.find() ? " at " + matcher.group(1) : "";
    }
}
