package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A MongoDB-protocol server in this process and a client of it; each test asks for a database of its own. With the system
 * property or environment variable {@code JRM_MONGO_URI} it is that server instead, such as a MongoDB.
 */
public final class TestLaunchpad implements AfterAllCallback {

    /** By itself the server says that it is too old for pymongo from 4.11 on. */
    private static final MongoVersion VERSION = new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    };

    /**
     * Answers with copies, one command at a time. By itself the backend answers with the stored documents and changes them in
     * place, so that of two clients that count up a counter both may be told the second number. The embedded LaunchPad of
     * jrm-examples does the same on its own backend.
     */
    private static final class CopyingBackend extends MemoryBackend {
        @Override
        public synchronized de.bwaldvogel.mongo.bson.Document handleCommand(
                Channel channel, String database, String command, de.bwaldvogel.mongo.bson.Document query) {
            return super.handleCommand(channel, database, command, query).cloneDeeply();
        }
    }

    private static final String EXTERNAL =
            System.getProperty("JRM_MONGO_URI", System.getenv().getOrDefault("JRM_MONGO_URI", ""));
    private static final String RUN = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final @Nullable MongoServer server =
            EXTERNAL.isEmpty() ? new MongoServer(new CopyingBackend().version(VERSION)) : null;
    private final String connectionString = server == null ? EXTERNAL : server.bindAndGetConnectionString();
    private final MongoClient client = MongoClients.create(connectionString);
    private final List<MongoDatabase> databases = new CopyOnWriteArrayList<>();

    MongoDatabase emptyDatabase() {
        MongoDatabase database = client.getDatabase("launchpad" + RUN + "_" + DATABASES.incrementAndGet());
        databases.add(database);
        return database;
    }

    public InetSocketAddress address() {
        ServerAddress address =
                new ServerAddress(Objects.requireNonNull(new ConnectionString(connectionString).getHosts())
                        .get(0));
        return new InetSocketAddress(address.getHost(), address.getPort());
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (server == null) {
            databases.forEach(MongoDatabase::drop);
        }
        client.close();
        if (server != null) {
            server.shutdownNow();
        }
    }
}
