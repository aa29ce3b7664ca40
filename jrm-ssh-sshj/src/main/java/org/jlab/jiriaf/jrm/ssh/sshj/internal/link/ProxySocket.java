package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a {@code ProxyCommand} as a connected socket: what is written goes to its standard input, its standard
 * output is what is read. It ends with the socket, and cannot be given up without being ended.
 */
public final class ProxySocket extends BufferedSocket {

    private static final Logger LOG = LoggerFactory.getLogger(ProxySocket.class);
    private static final int SAID_LIMIT = 2000;
    private static final long END_SECONDS = 2;

    private final String command;
    private final Process process;
    private final CompletableFuture<String> said;
    private volatile boolean endedByItself;

    private ProxySocket(String command, Process process, LastHeard lastHeard) {
        super(lastHeard);
        this.command = command;
        this.process = process;
        this.said = collect(process.getErrorStream());
    }

    /**
     * Starts the command in a shell that it replaces, as {@code ssh} does.
     *
     * @param command the command with its tokens expanded
     * @param lastHeard told of all that is read
     */
    public static ProxySocket start(String command, LastHeard lastHeard) throws IOException {
        String line = command.startsWith("exec ") ? command : "exec " + command;
        return new ProxySocket(command, new ProcessBuilder("/bin/sh", "-c", line).start(), lastHeard);
    }

    /** Reads until the end, so that the command never waits; keeps the beginning. */
    private static CompletableFuture<String> collect(InputStream stream) {
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    String beginning = "";
                    try (stream) {
                        beginning = new String(stream.readNBytes(SAID_LIMIT), StandardCharsets.UTF_8);
                        stream.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        LOG.debug("a proxy command was ended while it complained", e);
                    } finally {
                        said.complete(beginning.strip());
                    }
                },
                "jrm-ssh proxy command");
        reader.setDaemon(true);
        reader.start();
        return said;
    }

    /** How the command failed, or null if it did not end by itself. Waits for a moment: its output ends before it does. */
    @Nullable
    public String failure() {
        if (!endedByItself) {
            return null;
        }
        String words = said.completeOnTimeout("", END_SECONDS, TimeUnit.SECONDS).join();
        return "the ProxyCommand '" + command + "' ended "
                + (words.isEmpty() ? "and said nothing" : "and said: " + words);
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void setSoTimeout(int timeout) {
        // Nothing is read with a time limit.
    }

    @Override
    public InputStream getInputStream() {
        return buffered(new FilterInputStream(process.getInputStream()) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                endedByItself |= count < 0 && !isClosed();
                return count;
            }
        });
    }

    @Override
    public OutputStream getOutputStream() {
        return new FilterOutputStream(process.getOutputStream()) {
            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                noticing(() -> out.write(buffer, offset, length));
            }

            @Override
            public void flush() throws IOException {
                noticing(out::flush);
            }
        };
    }

    private interface Writing {
        void run() throws IOException;
    }

    /** A pipe that breaks can be seen before the end of the command's output is. */
    private void noticing(Writing writing) throws IOException {
        try {
            writing.run();
        } catch (IOException e) {
            endedByItself |= !isClosed();
            throw e;
        }
    }

    @Override
    synchronized void abandon() throws IOException {
        close();
    }

    @Override
    synchronized void reset() throws IOException {
        close();
    }

    /** Ends the command. Never blocks. */
    @Override
    public synchronized void close() throws IOException {
        List<ProcessHandle> ending = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        ending.forEach(ProcessHandle::destroy);
        for (ProcessHandle handle : ending) {
            CompletableFuture<?> unused = handle.onExit()
                    .orTimeout(END_SECONDS, TimeUnit.SECONDS)
                    .whenComplete((ended, late) -> {
                        if (late != null) {
                            handle.destroyForcibly();
                        }
                    });
        }
        super.close();
    }
}
