package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that misbehave; one that behaves is OpenSSH's own, in the tests of logging in. */
class SshAgentTest {

    private final Path socket;

    SshAgentTest(@TempDir Path folder) {
        socket = folder.resolve("agent");
    }

    @Test
    void anAgentThatSaysNothingIsNotWaitedForForEver() throws IOException {
        try (ServerSocketChannel silent = listen()) {
            assertThatIOException()
                    .isThrownBy(() -> new SshAgent(socket).keys())
                    .withMessageContaining("10 s")
                    .withMessageContaining(silent.getLocalAddress().toString());
        }
    }

    @Test
    void anAnswerThatNeverEndsIsNotTaken() throws IOException {
        try (ServerSocketChannel server = listen()) {
            Thread answering =
                    new Thread(() -> answer(server, ByteBuffer.allocate(4).putInt(0, Integer.MAX_VALUE)));
            answering.setDaemon(true);
            answering.start();

            assertThatIOException()
                    .isThrownBy(() -> new SshAgent(socket).keys())
                    .withMessageContaining(Integer.toString(Integer.MAX_VALUE));
        }
    }

    private static void answer(ServerSocketChannel server, ByteBuffer bytes) {
        try (SocketChannel client = server.accept()) {
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
            ByteBuffer rest = ByteBuffer.allocate(100);
            while (client.read(rest) >= 0) {
                rest.clear();
            }
        } catch (IOException e) {
            // The client has gone, which is what it shall do.
        }
    }

    private ServerSocketChannel listen() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        return server;
    }
}
