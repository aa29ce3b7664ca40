package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/** The far ends of the forwards that {@link TunnelBenchmark} measures: servers on the loopback interface. */
final class TunnelBenchmarkTargets implements AutoCloseable {

    /** Bytes of a request, and of the head of its answer. */
    static final int HEAD = 200;

    /** Bytes of the body of an answer. */
    static final int BODY = 2000;

    private final ExecutorService threads;
    private final AtomicLong discarded = new AtomicLong();
    private final ServerSocket sink;
    private final ServerSocket source;
    private final ServerSocket echo;
    private final ServerSocket answering;
    private final ServerSocket keepingAlive;

    TunnelBenchmarkTargets(ExecutorService threads) throws IOException {
        this.threads = threads;
        sink = listen(this::discard);
        source = listen(TunnelBenchmarkTargets::produce);
        echo = listen(TunnelBenchmarkTargets::echo);
        answering = listen(TunnelBenchmarkTargets::answer);
        keepingAlive = listen(TunnelBenchmarkTargets::keepAlive);
    }

    /** Port of the one that reads and forgets. */
    int sink() {
        return sink.getLocalPort();
    }

    /** How much that one has read. */
    long discarded() {
        return discarded.get();
    }

    /** Port of the one that writes for ever. */
    int source() {
        return source.getLocalPort();
    }

    /** Port of the one that sends back what it gets. */
    int echo() {
        return echo.getLocalPort();
    }

    /** Port of the one that answers one request as a small HTTP server does, head and body apart, and closes. */
    int answering() {
        return answering.getLocalPort();
    }

    /** Port of the one that does the same for request after request. */
    int keepingAlive() {
        return keepingAlive.getLocalPort();
    }

    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private ServerSocket listen(Service service) throws IOException {
        ServerSocket listener = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> serve(listener, service), "service");
        thread.setDaemon(true);
        thread.start();
        return listener;
    }

    private void serve(ServerSocket listener, Service service) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                threads.execute(() -> {
                    try (socket) {
                        socket.setTcpNoDelay(true);
                        service.serve(socket);
                    } catch (IOException e) {
                        // The client has what it wanted.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private void discard(Socket socket) throws IOException {
        byte[] buffer = new byte[256 * 1024];
        InputStream in = socket.getInputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            discarded.addAndGet(count);
        }
    }

    /** Writes until the reader has had enough. */
    static void produce(Socket socket) {
        byte[] buffer = new byte[256 * 1024];
        Arrays.fill(buffer, (byte) 'x');
        try {
            OutputStream out = socket.getOutputStream();
            while (true) {
                out.write(buffer);
            }
        } catch (IOException e) {
            // It has.
        }
    }

    private static void answer(Socket socket) throws IOException {
        if (socket.getInputStream().readNBytes(HEAD).length == HEAD) {
            socket.getOutputStream().write(new byte[HEAD]);
            socket.getOutputStream().write(new byte[BODY]);
        }
    }

    private static void keepAlive(Socket socket) throws IOException {
        while (socket.getInputStream().readNBytes(HEAD).length == HEAD) {
            socket.getOutputStream().write(new byte[HEAD]);
            socket.getOutputStream().write(new byte[BODY]);
        }
    }

    private static void echo(Socket socket) throws IOException {
        socket.getInputStream().transferTo(socket.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket listener : List.of(sink, source, echo, answering, keepingAlive)) {
            listener.close();
        }
    }
}
