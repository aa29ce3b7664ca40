package org.jlab.jiriaf.jrm.app.demo.embedded;

import de.bwaldvogel.mongo.MongoServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A LaunchPad server in this process, for those who have no MongoDB at hand: mongo-java-server on its H2 backend, one file on
 * disk. What it has acknowledged it keeps, also when the process is killed.
 *
 * <p>{@link #close()} stops it; its file stays.
 */
public final class EmbeddedLaunchpad implements AutoCloseable {

    private static final String FILE = "launchpad.mv.db";

    private final MongoServer server;
    private final InetSocketAddress address;

    private EmbeddedLaunchpad(MongoServer server, InetSocketAddress address) {
        this.server = server;
        this.address = address;
    }

    /**
     * Starts a server that anybody on this host may use.
     *
     * @param directory where its file is, or will be; made if it is missing
     * @param bindAddress where to listen, an address of the loopback interface
     * @param port port to listen on, or 0 for any that is free
     * @return the server
     * @throws JrmException if the directory cannot be used, another process uses the file, or the port is taken
     * @throws IllegalArgumentException if others could reach it
     */
    public static EmbeddedLaunchpad start(Path directory, String bindAddress, int port) {
        InetSocketAddress address = new InetSocketAddress(bindAddress, port);
        if (address.isUnresolved() || !address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "An embedded LaunchPad without a password must listen on loopback, not on '" + bindAddress + "'");
        }
        return start(directory, bindAddress, port, null);
    }

    /**
     * Starts a server that asks for a login: SCRAM-SHA-256 or SCRAM-SHA-1, against any database.
     *
     * @param directory where its file is, or will be; made if it is missing
     * @param bindAddress where to listen
     * @param port port to listen on, or 0 for any that is free
     * @param username the one user
     * @param password its password
     * @return the server
     * @throws JrmException if the directory cannot be used, another process uses the file, or the port is taken
     */
    public static EmbeddedLaunchpad start(
            Path directory, String bindAddress, int port, String username, Secret password) {
        return start(directory, bindAddress, port, new LaunchpadLogin(new ScramServer(username, password)));
    }

    private static EmbeddedLaunchpad start(
            Path directory, String bindAddress, int port, @Nullable LaunchpadLogin login) {
        MongoServer server = new MongoServer(new DurableLaunchpadBackend(open(directory), login));
        try {
            server.bind(bindAddress, port);
            return new EmbeddedLaunchpad(server, server.getLocalAddress());
        } catch (Exception e) {
            // Netty throws the checked BindException without saying so.
            server.shutdownNow();
            throw new JrmException(
                    "Cannot start the embedded LaunchPad on " + bindAddress + ":" + port + ": " + e.getMessage()
                            + ". Is the port in use? 0 takes any that is free.",
                    e,
                    false);
        }
    }

    private static MVStore open(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            Files.createDirectories(directory);
            return new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .open();
        } catch (IOException | MVStoreException e) {
            throw new JrmException(
                    "Cannot open the embedded LaunchPad in " + file + ": " + e.getMessage()
                            + ". Use a directory that can be written and that no other LaunchPad uses.",
                    e,
                    false);
        }
    }

    /**
     * Where it listens.
     *
     * @return the address
     */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * The port it listens on.
     *
     * @return the port
     */
    public int port() {
        return address.getPort();
    }

    /** Stops listening, ends its connections and closes its file. Closing twice is harmless. */
    @Override
    public void close() {
        server.shutdownNow();
    }
}
