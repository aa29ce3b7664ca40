package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.TransportException;
import net.schmizz.sshj.userauth.UserAuthException;
import net.schmizz.sshj.userauth.method.AbstractAuthMethod;
import net.schmizz.sshj.userauth.method.AuthMethod;
import org.jlab.jiriaf.jrm.internal.Deadline;

/** Logs in with the keys of an ssh-agent, which signs and never gives them away (draft-miller-ssh-agent). */
final class SshAgent {

    private static final byte REQUEST_IDENTITIES = 11;
    private static final byte IDENTITIES_ANSWER = 12;
    private static final byte SIGN_REQUEST = 13;
    private static final byte SIGN_RESPONSE = 14;
    private static final int RSA_SHA2_512 = 4;
    private static final int LARGEST_ANSWER = 1 << 20;

    private static final Duration LISTING = Duration.ofSeconds(10);

    /** Somebody may have to confirm, or to touch the key. */
    private static final Duration SIGNING = Duration.ofSeconds(60);

    private final Path socket;

    SshAgent(Path socket) {
        this.socket = socket;
    }

    /** The keys that the agent has, in its order. */
    List<Key> keys() throws IOException {
        Buffer.PlainBuffer answer =
                ask(new Buffer.PlainBuffer().putByte(REQUEST_IDENTITIES), IDENTITIES_ANSWER, LISTING);
        List<Key> keys = new ArrayList<>();
        for (long left = answer.readUInt32(); left > 0; left--) {
            keys.add(new Key(PublicHalf.of(answer.readBytes()), answer.readString()));
        }
        return keys;
    }

    /** A key of the agent. */
    final class Key {
        private final PublicHalf half;
        private final String comment;

        private Key(PublicHalf half, String comment) {
            this.half = half;
            this.comment = comment;
        }

        PublicHalf half() {
            return half;
        }

        String comment() {
            return comment;
        }

        /** Logs in with the key, or with a certificate of it. */
        AuthMethod method(PublicHalf shown) {
            return new AgentKey(half.bytes(), shown.bytes(), comment);
        }
    }

    private byte[] sign(byte[] key, byte[] data, int flags) throws IOException {
        Buffer.PlainBuffer request = new Buffer.PlainBuffer()
                .putByte(SIGN_REQUEST)
                .putBytes(key)
                .putBytes(data)
                .putUInt32(flags);
        return ask(request, SIGN_RESPONSE, SIGNING).readBytes();
    }

    private Buffer.PlainBuffer ask(Buffer.PlainBuffer request, byte expected, Duration timeout) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.connect(UnixDomainSocketAddress.of(socket));
            SelectionKey ready = channel.register(selector, SelectionKey.OP_WRITE);
            Deadline deadline = Deadline.after(timeout);
            byte[] message = request.getCompactData();
            ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + message.length);
            out.putInt(message.length).put(message).flip();
            while (out.hasRemaining()) {
                await(selector, deadline, timeout);
                channel.write(out);
            }
            ready.interestOps(SelectionKey.OP_READ);
            ByteBuffer prefix = ByteBuffer.allocate(Integer.BYTES);
            fill(prefix, channel, selector, deadline, timeout);
            int length = prefix.getInt();
            if (length < 1 || length > LARGEST_ANSWER) {
                throw new IOException("the SSH agent at " + socket + " claims to answer with " + length + " bytes");
            }
            ByteBuffer content = ByteBuffer.allocate(length);
            fill(content, channel, selector, deadline, timeout);
            Buffer.PlainBuffer answer = new Buffer.PlainBuffer(content.array());
            if (answer.readByte() != expected) {
                throw new IOException("the SSH agent at " + socket + " refuses");
            }
            return answer;
        }
    }

    private void fill(ByteBuffer buffer, SocketChannel channel, Selector selector, Deadline deadline, Duration timeout)
            throws IOException {
        while (buffer.hasRemaining()) {
            await(selector, deadline, timeout);
            if (channel.read(buffer) < 0) {
                throw new IOException("the SSH agent at " + socket + " closed the connection");
            }
        }
        buffer.flip();
    }

    private void await(Selector selector, Deadline deadline, Duration timeout) throws IOException {
        selector.select(deadline.millisLeft());
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while the SSH agent at " + socket + " was asked");
        }
        if (deadline.isOver()) {
            throw new IOException(
                    "the SSH agent at " + socket + " does not answer within " + timeout.toSeconds() + " s");
        }
    }

    /** The publickey method (RFC 4252 section 7) with a signature made by the agent. */
    private final class AgentKey extends AbstractAuthMethod {
        private final byte[] key;
        private final byte[] shown;
        private final String comment;

        AgentKey(byte[] key, byte[] shown, String comment) {
            super("publickey");
            this.key = key;
            this.shown = shown;
            this.comment = comment;
        }

        private String type() throws UserAuthException {
            try {
                return new Buffer.PlainBuffer(shown).readString();
            } catch (Buffer.BufferException e) {
                throw new UserAuthException("The agent's key " + comment + " cannot be read", e);
            }
        }

        /** The name of the signature: keys of RSA sign with SHA-512, all others as they are called. */
        private String algorithm() throws UserAuthException {
            String type = type();
            return type.startsWith("ssh-rsa") ? type.replace("ssh-rsa", "rsa-sha2-512") : type;
        }

        private SSHPacket request(boolean signed) throws UserAuthException {
            return super.buildReq().putBoolean(signed).putString(algorithm()).putString(shown);
        }

        @Override
        protected SSHPacket buildReq() throws UserAuthException {
            return request(false);
        }

        @Override
        public void handle(Message message, SSHPacket packet) throws UserAuthException, TransportException {
            if (message != Message.USERAUTH_60) {
                super.handle(message, packet);
                return;
            }
            SSHPacket request = request(true);
            byte[] data = new Buffer.PlainBuffer()
                    .putString(params.getTransport().getSessionID())
                    .putBuffer(request)
                    .getCompactData();
            try {
                request.putString(sign(key, data, type().startsWith("ssh-rsa") ? RSA_SHA2_512 : 0));
            } catch (IOException e) {
                throw new UserAuthException("The agent did not sign with " + comment, e);
            }
            params.getTransport().write(request);
        }

        @Override
        public String toString() {
            return "key " + comment + " of the agent";
        }
    }
}
