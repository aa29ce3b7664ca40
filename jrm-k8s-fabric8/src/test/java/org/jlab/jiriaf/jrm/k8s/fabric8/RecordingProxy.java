package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** A proxy for tunnels, by CONNECT (RFC 9110) or SOCKS 5 (RFC 1928, 1929), that writes down who goes through it. */
final class RecordingProxy implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final BlockingQueue<String> tunnels = new LinkedBlockingQueue<>();

    RecordingProxy() throws IOException {
        executor.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The last tunnel since the last question, or "nothing". */
    String last() {
        List<String> seen = new ArrayList<>();
        tunnels.drainTo(seen);
        return seen.isEmpty() ? "nothing" : seen.get(seen.size() - 1);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                executor.execute(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            int first = in.readUnsignedByte();
            try (Socket target = first == 5 ? socks(in, client.getOutputStream()) : connect(first, in, client)) {
                executor.execute(() -> copy(target, client));
                copy(client, target);
            }
        } catch (IOException | RuntimeException e) {
            // One side has gone.
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            in.transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One side has gone.
        }
    }

    private Socket connect(int first, DataInputStream in, Socket client) throws IOException {
        StringBuilder head = new StringBuilder().append((char) first);
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        String target = head.toString().split(" ", -1)[1];
        String login = "";
        for (String line : head.toString().split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization: basic ")) {
                login = decoded(line.substring(27)) + "@";
            }
        }
        tunnels.add("CONNECT " + login + target);
        String[] parts = target.split(":", -1);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(parts[1]));
        client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
    }

    private Socket socks(DataInputStream in, OutputStream out) throws IOException {
        byte[] methods = in.readNBytes(in.readUnsignedByte());
        String login = "";
        if (new String(methods, StandardCharsets.ISO_8859_1).indexOf(2) >= 0) {
            out.write(new byte[] {5, 2});
            in.readUnsignedByte();
            login = text(in) + ":" + text(in) + "@";
            out.write(new byte[] {1, 0});
        } else {
            out.write(new byte[] {5, 0});
        }
        in.readNBytes(3);
        String host = switch (in.readUnsignedByte()) {
            case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
            case 3 -> text(in);
            default -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
        };
        int port = in.readUnsignedShort();
        tunnels.add("SOCKS " + login + host + ":" + port);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 0});
        return socket;
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        executor.shutdownNow();
    }
}
