package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.HostNamePatterns.Match;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey.KnownHostKey.Marker;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * The lines of known_hosts files in their order (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Lines that OpenSSH passes over are
 * passed over. A missing file is empty. Immutable.
 */
final class KnownHosts {

    /** The file holds some hundred thousand lines at this size. */
    static final int MOST_BYTES = 16 * 1024 * 1024;

    private static final Path NOTHING = Path.of("/dev/null");

    private final List<Line> lines;

    private KnownHosts(List<Line> lines) {
        this.lines = lines;
    }

    /**
     * The entries of the files for a name.
     *
     * @param keys keys of the lines that match
     * @param remarks why other lines that seem to concern the host do not count, each with its place
     */
    record Entries(List<KnownHostKey> keys, List<String> remarks) {}

    private record Line(Marker marker, String names, String key, String place) {}

    /**
     * Reads files.
     *
     * @throws TunnelException if a file is too large, is no regular file or cannot be read
     */
    static KnownHosts read(List<Path> files) {
        List<Line> lines = new ArrayList<>();
        for (Path file : files) {
            int number = 0;
            for (String text : text(file).split("\n", -1)) {
                number++;
                parse(text, file + ":" + number).ifPresent(lines::add);
            }
        }
        return new KnownHosts(List.copyOf(lines));
    }

    private static String text(Path file) {
        if (file.equals(NOTHING) || !Files.exists(file)) {
            return "";
        }
        if (!Files.isRegularFile(file)) {
            throw unreadable(file, "it is no regular file", null);
        }
        try {
            byte[] bytes = BoundedFile.read(file, MOST_BYTES)
                    .orElseThrow(() -> unreadable(file, "it has more than " + MOST_BYTES + " bytes", null));
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw unreadable(file, e.toString(), e);
        }
    }

    private static TunnelException unreadable(Path file, String why, @Nullable IOException cause) {
        return new TunnelException(
                Reason.CONFIGURATION, null, "Cannot read known hosts from " + file + ": " + why, cause);
    }

    private static Optional<Line> parse(String text, String place) {
        String rest = skipBlanks(text);
        Marker marker = Marker.NONE;
        if (rest.startsWith("@")) {
            // OpenSSH ends a marker at the first space, and at a tab only in a line without spaces.
            int end = rest.indexOf(' ') >= 0 ? rest.indexOf(' ') : rest.indexOf('\t');
            switch (end < 0 ? rest : rest.substring(0, end)) {
                case "@cert-authority" -> marker = Marker.CERT_AUTHORITY;
                case "@revoked" -> marker = Marker.REVOKED;
                default -> {
                    return Optional.empty();
                }
            }
            rest = end < 0 ? "" : skipBlanks(rest.substring(end));
        }
        if (rest.isEmpty() || rest.startsWith("#") || rest.startsWith("@")) {
            return Optional.empty();
        }
        int end = 0;
        while (end < rest.length() && rest.charAt(end) != ' ' && rest.charAt(end) != '\t') {
            end++;
        }
        return Optional.of(new Line(marker, rest.substring(0, end), skipBlanks(rest.substring(end)), place));
    }

    private static String skipBlanks(String text) {
        int begin = 0;
        while (begin < text.length() && (text.charAt(begin) == ' ' || text.charAt(begin) == '\t')) {
            begin++;
        }
        return text.substring(begin);
    }

    /** The keys that the files have for a name, such as {@code [host]:2222}. */
    Entries of(String name) {
        List<KnownHostKey> keys = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        for (Line line : lines) {
            Match match = HostNamePatterns.match(line.names(), name);
            if (match == Match.EXCLUDED) {
                remarks.add(line.place() + " excludes " + name + " with a negated pattern");
            } else if (match == Match.YES) {
                KnownHostKey.parse(line.marker(), line.key(), line.place())
                        .ifPresentOrElse(keys::add, () -> remarks.add(line.place() + " has no key that can be read"));
            }
        }
        return new Entries(List.copyOf(keys), List.copyOf(remarks));
    }
}
