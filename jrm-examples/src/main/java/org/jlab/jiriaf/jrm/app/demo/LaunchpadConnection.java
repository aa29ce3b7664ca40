package org.jlab.jiriaf.jrm.app.demo;

import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;

/** A connection of one host to the LaunchPad. On another host than the control plane it leads through a tunnel. */
final class LaunchpadConnection implements AutoCloseable {

    static final String DATABASE = "jiriaf";

    private static final int PATIENCE_MILLIS = 3_000;
    private static final int LOOK_MILLIS = 100;

    private final MongoClient client;
    private final MongoWorkflowStore store;

    /**
     * Makes a connection, to be used as soon as something listens.
     *
     * @param address address of the host on which the LaunchPad, or the tunnel to it, listens
     * @param port its port
     */
    LaunchpadConnection(InetAddress address, int port) {
        client = MongoClients.create(MongoClientSettings.builder()
                .applyToClusterSettings(
                        cluster -> cluster.hosts(List.of(new ServerAddress(address.getHostAddress(), port)))
                                .serverSelectionTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .applyToServerSettings(server -> server.minHeartbeatFrequency(LOOK_MILLIS, TimeUnit.MILLISECONDS)
                        .heartbeatFrequency(1, TimeUnit.SECONDS))
                .applyToSocketSettings(socket -> socket.connectTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                        .readTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .build());
        store = new MongoWorkflowStore(client.getDatabase(DATABASE));
    }

    WorkflowStore store() {
        return store;
    }

    /** The database past jrm, to look what is there. */
    MongoDatabase database() {
        return client.getDatabase(DATABASE);
    }

    @Override
    public void close() {
        client.close();
    }
}
