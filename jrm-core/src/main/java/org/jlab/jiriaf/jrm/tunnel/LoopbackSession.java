package org.jlab.jiriaf.jrm.tunnel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** A session with a login node that is this machine. */
final class LoopbackSession implements LoginSession {

    // No argument may have more than 128 KiB, so the script comes by standard input.
    private static final String SHELL = "script=$(cat); exec </dev/null; eval \"$script\"";

    private final LoopbackTunnelManager manager;
    private final SshRoute route;
    private final Map<Tunnel, LoopbackForward> held = new LinkedHashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    LoopbackSession(LoopbackTunnelManager manager, SshRoute route) {
        this.manager = manager;
        this.route = route;
    }

    @Override
    public SshRoute route() {
        return route;
    }

    @Override
    public ConnectionState connection() {
        return manager.connection(route);
    }

    @Override
    public synchronized List<Tunnel> open(List<Forward> forwards, Duration timeout) {
        checkOpen();
        List<Tunnel> opened = new ArrayList<>();
        for (LoopbackForward forward : manager.open(route, forwards)) {
            Tunnel[] self = new Tunnel[1];
            self[0] = forward.asTunnel(route, this::connection, () -> close(self[0]));
            held.put(self[0], forward);
            opened.add(self[0]);
        }
        return List.copyOf(opened);
    }

    private synchronized void close(Tunnel tunnel) {
        LoopbackForward forward = held.remove(tunnel);
        if (forward != null) {
            manager.release(route, List.of(forward));
        }
    }

    @Override
    public ExecResult exec(String script, Duration timeout) {
        checkOpen();
        manager.checkUsable(route);
        Process process = null;
        try {
            process = new ProcessBuilder("/bin/sh", "-c", SHELL).start();
            CompletableFuture<String> output = collect(process.getInputStream());
            CompletableFuture<String> error = collect(process.getErrorStream());
            try (OutputStream in = process.getOutputStream()) {
                in.write(script.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw failure(Reason.TIMEOUT, script, "it did not end within " + timeout, null);
            }
            return new ExecResult(process.exitValue(), output.join(), error.join());
        } catch (CompletionException e) {
            throw failure(Reason.PROTOCOL, script, "its answer is not complete, and so not known", e);
        } catch (IOException e) {
            throw failure(Reason.PROTOCOL, script, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(Reason.CLOSED, script, "interrupted", e);
        } finally {
            if (process != null) {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
            }
        }
    }

    private static CompletableFuture<String> collect(InputStream stream) {
        return CompletableFuture.supplyAsync(
                () -> {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    try (stream) {
                        stream.transferTo(bytes);
                    } catch (IOException e) {
                        // Unless it is abandoned anyway, its answer is not complete.
                        throw new UncheckedIOException(e);
                    }
                    return bytes.toString(StandardCharsets.UTF_8);
                },
                task -> {
                    Thread thread = new Thread(task, "jrm-loopback output");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    private static TunnelException failure(Reason reason, String script, String why, @Nullable Throwable cause) {
        return new TunnelException(reason, null, "Cannot run '" + script + "' on this host: " + why, cause);
    }

    @Override
    public byte[] readFile(String path, int limit, Duration timeout) {
        checkOpen();
        manager.checkUsable(route);
        try (InputStream in = Files.newInputStream(home().resolve(path))) {
            byte[] content = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new TunnelException(
                        Reason.PROTOCOL, null, "The file " + path + " is larger than " + limit + " bytes", null);
            }
            return content;
        } catch (IOException e) {
            throw new TunnelException(Reason.PROTOCOL, null, "Cannot read the file " + path + ": " + e, e);
        }
    }

    @Override
    public void writeFile(String path, byte[] content, Duration timeout) {
        checkOpen();
        manager.checkUsable(route);
        Path target = home().resolve(path).toAbsolutePath();
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            Files.deleteIfExists(part);
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(part, content);
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new TunnelException(Reason.PROTOCOL, null, "Cannot write the file " + path + ": " + e, e);
        }
    }

    private static Path home() {
        return Path.of(System.getProperty("user.home"));
    }

    @Override
    public void check(Duration timeout) {
        checkOpen();
        manager.checkUsable(route);
    }

    @Override
    public Set<Integer> listeningPorts(Duration timeout) {
        checkOpen();
        manager.checkUsable(route);
        try {
            StringBuilder tables = new StringBuilder();
            tables.append(Files.readString(Path.of("/proc/net/tcp")));
            // A kernel without IPv6 has none.
            Path tcp6 = Path.of("/proc/net/tcp6");
            if (Files.exists(tcp6)) {
                tables.append(Files.readString(tcp6));
            }
            return ProcNetTcp.read(tables.toString(), "this host").listeningPorts();
        } catch (IOException e) {
            throw new TunnelException(
                    Reason.PROTOCOL, null, "Cannot read /proc/net/tcp of this host: " + e.getMessage(), e);
        }
    }

    private synchronized void checkOpen() {
        if (closed) {
            throw new TunnelException(Reason.CLOSED, null, "The session with " + route.describe() + " is closed", null);
        }
    }

    @Override
    public void close() {
        List<LoopbackForward> ended;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ended = List.copyOf(held.values());
            held.clear();
        }
        manager.release(route, ended);
        manager.forget(this);
    }
}
