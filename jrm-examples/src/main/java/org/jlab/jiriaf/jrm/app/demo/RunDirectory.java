package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one run, with a lock that lasts as long as the process: a run that was killed leaves a folder with a free lock,
 * which the next run removes. The name of the folder holds the run's network, so no two runs have the same.
 */
final class RunDirectory implements AutoCloseable {

    private static final String PREFIX = "jrm-quickstart-";
    private static final String LOCK = "lock";
    private static final String PID = "pid";
    private static final int ATTEMPTS = 100;

    private final Path path;
    private final LoopbackNetwork network;
    private final FileChannel lock;

    private RunDirectory(Path path, LoopbackNetwork network, FileChannel lock) {
        this.path = path;
        this.network = network;
        this.lock = lock;
    }

    /** Makes the folder of a new run in the system's folder for temporary files, and removes those of dead runs. */
    static RunDirectory create(RandomGenerator random) {
        return create(Path.of(System.getProperty("java.io.tmpdir")), random);
    }

    static RunDirectory create(Path parent, RandomGenerator random) {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                // 127.0.x.x is where other programs live.
                LoopbackNetwork network = new LoopbackNetwork(1 + random.nextInt(254), random.nextInt(256));
                Path path = parent.resolve(String.format(Locale.ROOT, "%s%d.%d", PREFIX, network.a(), network.b()));
                try {
                    Files.createDirectory(
                            path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                } catch (FileAlreadyExistsException e) {
                    continue;
                }
                Files.writeString(
                        path.resolve(PID), Long.toString(ProcessHandle.current().pid()));
                FileChannel lock = tryLock(path);
                if (lock != null) {
                    removeDeadRuns(parent, Files.getOwner(path));
                    return new RunDirectory(path, network, lock);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot make a folder in " + parent + "; name another with -Djava.io.tmpdir=FOLDER", e);
        }
        throw new IllegalStateException("Cannot find a free name in " + parent + "; remove " + PREFIX + "* there");
    }

    private static void removeDeadRuns(Path parent, UserPrincipal owner) throws IOException {
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path run : runs) {
                removeIfDead(run, owner);
            }
        }
    }

    private static void removeIfDead(Path run, UserPrincipal owner) {
        try {
            if (!Files.isDirectory(run, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(run, LinkOption.NOFOLLOW_LINKS).equals(owner)
                    || !Files.exists(run.resolve(LOCK))
                    || isOfThisProcess(run)) {
                return;
            }
            FileChannel free = tryLock(run);
            if (free != null) {
                deleteTree(run);
                free.close();
            }
        } catch (IOException e) {
            // Being removed by another run: nothing that hinders this one.
        }
    }

    /** Looking at the lock of a run of this process would free it: POSIX locks end when any handle on the file is closed. */
    private static boolean isOfThisProcess(Path run) throws IOException {
        return Files.readString(run.resolve(PID))
                .equals(Long.toString(ProcessHandle.current().pid()));
    }

    private static @Nullable FileChannel tryLock(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        // Without the file, another run took this one for dead before it had its lock.
        if (lock != null && Files.exists(file)) {
            return channel;
        }
        channel.close();
        return null;
    }

    Path path() {
        return path;
    }

    LoopbackNetwork network() {
        return network;
    }

    /** Removes the folder. */
    @Override
    public void close() {
        try {
            deleteTree(path);
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + path, e);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Gone already.
        }
    }
}
