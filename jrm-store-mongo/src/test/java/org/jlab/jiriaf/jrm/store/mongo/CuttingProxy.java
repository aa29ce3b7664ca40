package org.jlab.jiriaf.jrm.store.mongo;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Stands between a client and a server and cuts the connection at one command, before the server sees it or after. */
final class CuttingProxy implements Closeable {

    /** What is lost. */
    enum Lost {
        REQUEST,
        ANSWER
    }

    /** Hellos of the driver's monitor do not count. */
    private static final Pattern COMMAND =
            Pattern.compile("(?s).{20,40}(find|insert|update|delete|findAndModify|aggregate)\\x00.*");

    private final ServerSocket listener;
    private final InetSocketAddress server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger countdown = new AtomicInteger();
    private volatile Lost lost = Lost.REQUEST;

    CuttingProxy(InetSocketAddress server) {
        this.server = server;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Cuts at the command of that number from now on, 1 being the next. */
    void cutAt(int command, Lost what) {
        lost = what;
        countdown.set(command);
    }

    boolean hasCut() {
        return countdown.get() <= 0;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket upstream = new Socket(server.getAddress(), server.getPort());
                sockets.add(client);
                sockets.add(upstream);
                Thread answered = thread(() -> answers(upstream, client));
                thread(() -> requests(client, upstream, answered));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void requests(Socket client, Socket upstream, Thread answered) {
        try (client;
                upstream) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = upstream.getOutputStream();
            while (true) {
                byte[] message = read(in);
                boolean cut = isCommand(message) && countdown.decrementAndGet() == 0;
                if (cut && lost == Lost.REQUEST) {
                    return;
                }
                if (cut) {
                    // The thread that carries answers finds the client gone, and ends this connection after the
                    // server's.
                    client.shutdownOutput();
                    out.write(message);
                    answered.join();
                    return;
                }
                out.write(message);
            }
        } catch (IOException e) {
            // One side has hung up.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isCommand(byte[] message) {
        return COMMAND.matcher(new String(message, 0, Math.min(message.length, 80), StandardCharsets.ISO_8859_1))
                .matches();
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

    private static void answers(Socket upstream, Socket client) {
        try (client;
                upstream) {
            upstream.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            // One side has hung up.
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
