package org.jlab.jiriaf.jrm.store.mongo.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jlab.jiriaf.jrm.internal.BoundedFile;

/** Reads files that users name. A pipe that never ends, or a file of gigabytes, is refused and not waited for. */
final class SmallFile {

    private static final int MAX_BYTES = 1 << 20;

    private SmallFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException whose message completes the sentence "FILE: ..."
     */
    static byte[] read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("is a folder; expected a file");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("is a pipe or a device; expected a file");
        }
        try {
            return BoundedFile.read(file, MAX_BYTES)
                    .orElseThrow(() -> new IOException("is larger than 1 MB; expected a file of a few lines"));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException("the permissions of the file or of its folder forbid reading it", e);
        }
    }

    /** The same words for every failure; the system's own message may be no more than the name of the file. */
    static String reason(IOException failure) {
        String message = failure.getMessage();
        return failure.getClass() == IOException.class && message != null ? message : "cannot be read";
    }

    /** As {@link #read(Path)}, of a path that is given as text. */
    static byte[] read(String file) throws IOException {
        try {
            return read(Path.of(file));
        } catch (InvalidPathException e) {
            throw new IOException("is no path of a file", e);
        }
    }
}
