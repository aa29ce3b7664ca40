package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A MongoDB-protocol server in this process and a client of it; each test asks for a database of its own. */
final class TestLaunchpad implements AfterAllCallback {

    private final MongoServer server = new MongoServer(new MemoryBackend());
    private final String connectionString = server.bindAndGetConnectionString();
    private final MongoClient client = MongoClients.create(connectionString);
    private final AtomicInteger databases = new AtomicInteger();

    MongoDatabase emptyDatabase() {
        return client.getDatabase("launchpad" + databases.incrementAndGet());
    }

    String connectionString() {
        return connectionString;
    }

    MongoServer server() {
        return server;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        client.close();
        server.shutdownNow();
    }
}
