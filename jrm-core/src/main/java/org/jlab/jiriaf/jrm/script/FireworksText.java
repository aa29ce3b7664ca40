package org.jlab.jiriaf.jrm.script;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jlab.jiriaf.jrm.site.SiteConfigException;

/** Reads files of a site's FireWorks agent as Python does: UTF-8, with any line end. */
final class FireworksText {

    private static final int MAX_BYTES = 1 << 20;

    private FireworksText() {}

    /**
     * Reads a file.
     *
     * @param source what it is, for the message
     * @throws SiteConfigException if it cannot be read, is longer than 1 MiB, or is not UTF-8
     */
    static String read(String source, Path file) {
        try {
            byte[] bytes = BoundedFile.read(file, MAX_BYTES)
                    .orElseThrow(() ->
                            fault(source, "is longer than " + MAX_BYTES + " bytes; expected a file of some lines"));
            return withPlainLineEnds(decode(source, bytes));
        } catch (NoSuchFileException e) {
            throw fault(source, "there is no such file");
        } catch (AccessDeniedException e) {
            throw fault(source, "cannot be read: permission denied");
        } catch (IOException e) {
            throw fault(source, Files.isDirectory(file) ? "is a folder; expected a file" : "cannot be read");
        }
    }

    /** Python's universal newlines. */
    static String withPlainLineEnds(String text) {
        return text.replace("\r\n", "\n").replace('\r', '\n');
    }

    /** The line, from 1, that holds the character at an offset. */
    static int line(String text, int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    private static String decode(String source, byte[] bytes) throws CharacterCodingException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length);
        ByteBuffer input = ByteBuffer.wrap(bytes);
        CoderResult result = decoder.decode(input, text, true);
        String decoded = text.flip().toString();
        if (result.isError()) {
            int line =
                    line(withPlainLineEnds(decoded), withPlainLineEnds(decoded).length());
            throw fault(
                    source,
                    "line " + line + ": byte 0x" + Integer.toHexString(bytes[input.position()] & 0xff)
                            + " is not UTF-8; expected UTF-8 text");
        }
        return decoded;
    }

    private static SiteConfigException fault(String source, String what) {
        return new SiteConfigException(source, List.of(what));
    }
}
