package org.jlab.jiriaf.jrm.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads files that users name: a device or a pipe that never ends does not exhaust the memory, whatever size it claims. */
public final class BoundedFile {

    private BoundedFile() {}

    /**
     * Reads a file.
     *
     * @param file the file
     * @param max how many bytes it may have
     * @return its content, or empty if it is larger
     * @throws IOException if it cannot be read
     */
    public static Optional<byte[]> read(Path file, int max) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(max + 1);
            return content.length > max ? Optional.empty() : Optional.of(content);
        }
    }
}
