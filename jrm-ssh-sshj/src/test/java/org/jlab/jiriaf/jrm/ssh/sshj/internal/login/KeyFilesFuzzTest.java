package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.Buffer;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.ssh.sshj.NeedsOpenSsh;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Key files, certificates and answers of agents, none of which jrm has written. */
@NeedsOpenSsh
class KeyFilesFuzzTest {

    private final Path folder;

    KeyFilesFuzzTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void privateKeys() throws Exception {
        List<String> samples = List.of(key("ed25519", "OpenSSH"), key("rsa", "PEM"), key("ecdsa", "PKCS8"));
        Path file = folder.resolve("key");
        try (SSHClient client = new SSHClient()) {
            ParserFuzz.feed(
                    samples,
                    input -> UserKey.load(client, hop(), Files.write(file, input), asked -> Optional.empty()),
                    TunnelException.class);
        }
    }

    @Test
    void publicHalvesAndCertificates() throws Exception {
        String key = key("ed25519", "OpenSSH");
        run(
                "ssh-keygen",
                "-q",
                "-s",
                folder.resolve("ed25519").toString(),
                "-I",
                "id",
                "-n",
                "alice",
                "-V",
                "+1h",
                folder.resolve("ed25519.pub").toString());
        List<String> samples = List.of(
                key,
                Files.readString(folder.resolve("ed25519.pub")),
                Files.readString(folder.resolve("ed25519-cert.pub")));
        Path file = folder.resolve("half");
        ParserFuzz.feed(samples, input -> {
            Files.write(file, input);
            PublicHalf.in(file);
            PublicHalf.certificate(file);
        });
    }

    @Test
    void answersOfAgents() throws Exception {
        byte[] half = "a public key".getBytes(StandardCharsets.US_ASCII);
        byte[] answer = new Buffer.PlainBuffer()
                .putByte((byte) 12)
                .putUInt32(2)
                .putBytes(half)
                .putString("first")
                .putBytes(half)
                .putString("second")
                .getCompactData();
        Path socket = folder.resolve("agent");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            ParserFuzz.feed(
                    // As text, so that the mutations hit bytes of all kinds.
                    List.of(Base64.getEncoder().encodeToString(answer)),
                    input -> {
                        Thread agent = new Thread(() -> answer(server, input), "agent");
                        agent.start();
                        try {
                            new SshAgent(socket).keys();
                        } finally {
                            agent.join();
                        }
                    },
                    IOException.class);
        }
    }

    /** Answers one request with the bytes that the text encodes, or with the text itself. */
    private static void answer(ServerSocketChannel server, byte[] text) {
        byte[] answer;
        try {
            answer = Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            answer = text;
        }
        try (SocketChannel channel = server.accept()) {
            ByteBuffer request = ByteBuffer.allocate(5);
            while (request.hasRemaining() && channel.read(request) >= 0) {
                // Until the request is complete.
            }
            ByteBuffer out = ByteBuffer.allocate(4 + answer.length)
                    .putInt(answer.length)
                    .put(answer)
                    .flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
        } catch (IOException e) {
            // The client has closed the connection.
        }
    }

    private String key(String type, String format) throws Exception {
        Path file = folder.resolve(type);
        run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "somebody", "-f", file.toString());
        if (!format.equals("OpenSSH")) {
            run("ssh-keygen", "-q", "-p", "-N", "", "-m", format, "-f", file.toString());
        }
        return Files.readString(file);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    private static ResolvedHop hop() {
        return new ResolvedHop(
                SshHop.parse("login01"),
                "login01",
                22,
                "alice",
                null,
                List.of(),
                List.of(),
                List.of(),
                false,
                false,
                null,
                List.of(),
                null);
    }
}
