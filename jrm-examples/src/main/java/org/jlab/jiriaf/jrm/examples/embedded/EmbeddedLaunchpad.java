package org.jlab.jiriaf.jrm.examples.embedded;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** TEMPORARY. */
public final class EmbeddedLaunchpad implements AutoCloseable {
    private final MongoServer server;
    private final int port;

    /** X.
     * @param a x
     * @param port x
     * @param dir x
     */
    public EmbeddedLaunchpad(InetAddress a, int port, Path dir) {
        server = new MongoServer(new H2Backend(dir.resolve("db.mv").toString()));
        server.bind(new InetSocketAddress(a, port));
        this.port = server.getLocalAddress().getPort();
    }

    /** X.
     * @return x */
    public int port() {
        return port;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
