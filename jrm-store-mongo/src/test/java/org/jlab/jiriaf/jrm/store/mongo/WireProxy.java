package org.jlab.jiriaf.jrm.store.mongo;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Stands between clients and a server that speak MongoDB's protocol: one answer for each request. */
abstract class WireProxy implements Closeable {

    /** The server, as a request of one connection sees it. */
    @FunctionalInterface
    interface Server {
        byte[] answer(byte[] request) throws IOException;
    }

    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    WireProxy(InetSocketAddress server) {
        this(server, listener());
    }

    WireProxy(InetSocketAddress server, ServerSocket listener) {
        this.server = server;
        this.listener = listener;
    }

    private static ServerSocket listener() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the client gets; null to hang up instead. */
    abstract byte @Nullable [] answer(byte[] request, Server server) throws IOException;

    /** To be called once, when whatever {@link #answer} needs is there. */
    final void start() {
        thread(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = open(listener.accept());
                thread(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = open(new Socket(server.getAddress(), server.getPort()))) {
            DataInputStream requests = new DataInputStream(client.getInputStream());
            DataInputStream answers = new DataInputStream(upstream.getInputStream());
            Server real = request -> {
                upstream.getOutputStream().write(request);
                return read(answers);
            };
            byte[] answer = answer(read(requests), real);
            while (answer != null) {
                client.getOutputStream().write(answer);
                answer = answer(read(requests), real);
            }
        } catch (IOException e) {
            // One side has hung up.
        }
    }

    private Socket open(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private static byte[] read(DataInputStream in) throws IOException {
        byte[] length = new byte[4];
        in.readFully(length);
        byte[] message =
                new byte[ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt()];
        System.arraycopy(length, 0, message, 0, 4);
        in.readFully(message, 4, message.length - 4);
        return message;
    }

    /** The part of a request that holds the name of its command. */
    static String begin(byte[] request) {
        return new String(request, 0, Math.min(request.length, 80), StandardCharsets.ISO_8859_1);
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "wire-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
