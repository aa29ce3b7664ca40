package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;

/** The target of forwards in tests, which sends back what it gets; and the ways to use it through a forward. */
final class EchoServer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final ServerSocket listener;

    EchoServer() {
        try {
            listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    Endpoint endpoint() {
        return Endpoint.localhost(listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                start(() -> echo(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The client went away.
            return;
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "echo");
        thread.setDaemon(true);
        thread.start();
    }

    /** Connects through a forward. */
    Socket open(Forward forward) throws IOException {
        Socket socket = new Socket();
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), forward.bind().port()),
                PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** Tells whether something sent through a forward comes back. */
    boolean ask(Forward forward) {
        try (Socket socket = open(forward)) {
            socket.getOutputStream().write(42);
            return socket.getInputStream().read() == 42;
        } catch (IOException e) {
            return false;
        }
    }

    /** Tells whether that many random bytes come back as they were sent. */
    boolean roundTripsUnchanged(Forward forward, int length) throws IOException {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        try (Socket socket = open(forward)) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(data);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            byte[] answer = socket.getInputStream().readNBytes(length);
            sent.join();
            return Arrays.equals(answer, data);
        }
    }

    /** Sends without reading what comes back, until nothing more is taken. */
    void flood(Socket socket) throws IOException {
        CompletableFuture<Void> full = new CompletableFuture<>();
        start(() -> {
            try {
                byte[] data = new byte[1 << 16];
                for (int i = 0; i < 4096; i++) {
                    socket.getOutputStream().write(data);
                    if (i == 64) {
                        full.complete(null);
                    }
                }
            } catch (IOException e) {
                full.complete(null);
            }
        });
        full.join();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
