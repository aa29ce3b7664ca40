package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.OutboundData;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that serves all listeners and sockets of one route: it accepts, connects, reads sockets into the SSH connection
 * and writes what a socket could not take at once. It may block in a write to the SSH connection, which then carries
 * nothing anyhow; killing the connection frees it.
 */
public final class SocketEventLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketEventLoop.class);

    /** What a registered channel does when it is ready. Runs in the pump's thread. */
    interface Handler {
        void ready(SelectionKey key) throws IOException;

        /** Gives up after an error in {@link #ready}, or when the pump ends. */
        void abort(@Nullable Throwable cause);
    }

    private static final long FLUSH_MILLIS = 500;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> batch = new ArrayDeque<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Thread thread;
    private final OutboundData outbound = new OutboundData();
    private volatile boolean closed;

    public SocketEventLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open a selector", e);
        }
        thread = new Thread(this::run, "jrm-pump " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Runs a task in the pump's thread. After {@link #close} nothing runs any more. */
    public void execute(Runnable task) {
        tasks.add(task);
        if (woken.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /** Registers a non-blocking channel. Only in the pump's thread. */
    SelectionKey register(SelectableChannel channel, int operations, Handler handler) throws IOException {
        return channel.register(selector, operations, handler);
    }

    /** The packet into which sockets are read. Only in the pump's thread. */
    OutboundData outbound() {
        return outbound;
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::serve);
                woken.set(false);
                runTasks();
            }
        } catch (IOException e) {
            LOG.warn("{} stopped: its selector failed", thread.getName(), e);
        } finally {
            shutDown();
        }
    }

    private void runTasks() {
        // Tasks that these tasks add have their turn after the next select.
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            batch.add(task);
        }
        for (Runnable task = batch.poll(); task != null; task = batch.poll()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.warn("{}: a task failed", thread.getName(), e);
            }
        }
    }

    private void serve(SelectionKey key) {
        Handler handler = (Handler) key.attachment();
        try {
            handler.ready(key);
        } catch (IOException | CancelledKeyException e) {
            handler.abort(e);
        } catch (RuntimeException e) {
            LOG.warn("{}: a connection failed", thread.getName(), e);
            handler.abort(e);
        }
    }

    private void shutDown() {
        runTasks();
        for (SelectionKey key : selector.keys()) {
            ((Handler) key.attachment()).abort(null);
        }
        try {
            selector.close();
        } catch (IOException e) {
            LOG.debug("{}: closing the selector failed", thread.getName(), e);
        }
    }

    /** Ends the thread and everything registered with it. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }

    /** Waits a moment for the selector to let go of channels that were closed. */
    void flush() {
        if (Thread.currentThread() == thread || closed) {
            return;
        }
        CountDownLatch turned = new CountDownLatch(1);
        // The first turn may be under way already; a closed channel is let go of when the next select begins.
        execute(() -> execute(turned::countDown));
        try {
            if (!turned.await(FLUSH_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.debug("{} is busy", thread.getName());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the thread to end. */
    public boolean awaitEnd(long millis) throws InterruptedException {
        thread.join(Math.max(1, millis));
        return !thread.isAlive();
    }
}
