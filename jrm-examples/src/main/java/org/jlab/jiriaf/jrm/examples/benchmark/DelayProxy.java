package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Plays a long way: passes TCP on with a delay in each direction, and no limit on the rate. */
final class DelayProxy implements AutoCloseable {

    private static final int PIECE = 256 * 1024;
    private static final int LARGEST_BACKLOG = 256 * 1024 * 1024;

    private final ServerSocket listener;
    private final int target;
    private final long delayNanos;

    DelayProxy(int target, long oneWayMillis) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(oneWayMillis);
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                pass(near, far);
                pass(far, near);
            }
        } catch (IOException e) {
            // Closed: the benchmark is over.
        }
    }

    /** Data that goes on when it is due; none at the end. */
    private record Piece(long due, ByteBuffer data) {
        void awaitDue() throws InterruptedException {
            long left = due - System.nanoTime();
            if (left > 0) {
                TimeUnit.NANOSECONDS.sleep(left);
            }
        }
    }

    private void pass(Socket from, Socket to) {
        BlockingQueue<Piece> queue = new LinkedBlockingQueue<>();
        Semaphore room = new Semaphore(LARGEST_BACKLOG);
        start(() -> read(from, queue, room));
        start(() -> write(to, queue, room));
    }

    private void read(Socket from, BlockingQueue<Piece> queue, Semaphore room) {
        byte[] buffer = new byte[PIECE];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                room.acquireUninterruptibly(count);
                ByteBuffer data = ByteBuffer.wrap(Arrays.copyOf(buffer, count));
                queue.add(new Piece(System.nanoTime() + delayNanos, data));
            }
        } catch (IOException e) {
            // The end of the connection is passed on like any other.
        }
        queue.add(new Piece(System.nanoTime() + delayNanos, ByteBuffer.allocate(0)));
    }

    private static void write(Socket to, BlockingQueue<Piece> queue, Semaphore room) {
        try (to) {
            OutputStream out = to.getOutputStream();
            for (Piece piece = queue.take(); piece.data().hasRemaining(); piece = queue.take()) {
                piece.awaitDue();
                out.write(piece.data().array());
                room.release(piece.data().capacity());
            }
        } catch (IOException e) {
            // The reader sees it too.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "delay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
