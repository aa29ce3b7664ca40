package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work of the stand-in commands, which hand their arguments over a loopback connection: no Java has to start for each
 * of them. Only who knows the token of this run is served.
 */
final class StandInServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StandInServer.class);
    private static final int HEADER_TIMEOUT_MILLIS = 5_000;

    /** Does the work of one command. */
    @FunctionalInterface
    interface Command {
        /**
         * Serves one call. Returns when it is over, at the latest when the caller has gone, with everything taken down that
         * was put up for it.
         *
         * @param call the call; closed by the server
         * @throws IOException if the caller cannot be answered
         */
        void serve(StandInCall call) throws IOException;
    }

    private final String token = newToken();
    private final ServerSocket listener;
    private final Map<String, Command> commands = new ConcurrentHashMap<>();
    private final Set<StandInCall> calls = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "quickstart-stand-in");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Starts to listen on a free port.
     *
     * @param address where
     */
    StandInServer(InetAddress address) {
        try {
            listener = new ServerSocket();
            listener.bind(new InetSocketAddress(address, 0), 512);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on " + address.getHostAddress(), e);
        }
        threads.execute(this::accept);
    }

    /**
     * Says who does the work of a command.
     *
     * @param name name of the command
     * @param command does its work
     */
    void register(String name, Command command) {
        commands.put(name, command);
    }

    private static String newToken() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** What a stand-in needs in its environment to reach this server. */
    Map<String, String> environment() {
        return Map.of(
                "JRM_QUICKSTART_HOST", listener.getInetAddress().getHostAddress(),
                "JRM_QUICKSTART_PORT", Integer.toString(listener.getLocalPort()),
                "JRM_QUICKSTART_TOKEN", token);
    }

    /** The variable by which the processes of this run can be told from all others. */
    String mark() {
        return "JRM_QUICKSTART_TOKEN=" + token;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                LOG.debug("The listener for stand-ins ends", e);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(HEADER_TIMEOUT_MILLIS);
            StandInCall call = new StandInCall(socket);
            socket.setSoTimeout(0);
            if (!MessageDigest.isEqual(
                    token.getBytes(StandardCharsets.UTF_8), call.token().getBytes(StandardCharsets.UTF_8))) {
                LOG.debug("A caller without the token of this run is turned away");
                return;
            }
            serve(call);
        } catch (IOException | NumberFormatException e) {
            LOG.debug("A stand-in's call broke off", e);
        }
    }

    private void serve(StandInCall call) throws IOException {
        calls.add(call);
        try {
            Command command = commands.get(call.command());
            if (command == null) {
                call.printError(call.command() + ": the quickstart does not know this command");
                call.exit(127);
            } else {
                command.serve(call);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("Stand-in {} failed", call, e);
            call.printError(call.command() + ": " + e.getMessage());
            call.exit(255);
        } finally {
            calls.remove(call);
        }
    }

    /** Hangs up on every stand-in, so that all of them end, and waits until what they had put up is taken down. */
    @Override
    public void close() {
        try {
            listener.close();
            for (StandInCall call : calls) {
                call.close();
            }
            threads.shutdown();
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop serving the stand-ins", e);
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
