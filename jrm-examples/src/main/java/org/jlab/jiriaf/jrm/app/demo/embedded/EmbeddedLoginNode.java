package org.jlab.jiriaf.jrm.app.demo.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.forward.DefaultForwarder;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.server.forward.TcpForwardingFilter;
import org.apache.sshd.server.forward.TcpipServerChannel;
import org.apache.sshd.server.shell.InvertedShellWrapper;
import org.apache.sshd.server.shell.ProcessShell;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.SshHop;

/**
 * A jump host and a login node behind it inside this process: two real SSH servers (Apache MINA SSHD) on loopback addresses,
 * with host keys and one user key made for the occasion.
 *
 * <p>Each address plays a host of its own. So what a client calls {@code localhost} is, on the login node, the login node's
 * address: {@code -R 10001:...} listens there, and {@code -L ...:localhost:10001} goes there. The jump host does nothing but
 * connect to the login node. Commands run for real, by {@code bash}, with the environment that they are given.
 *
 * <p>Thread-safe. Closing ends connections and listeners; closing twice is harmless.
 */
public final class EmbeddedLoginNode implements AutoCloseable {

    /** The only user that may log in. */
    public static final String USER = "jrm";

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final InetAddress loginAddress;
    private final KeyPair userKey;
    private final KeyPair jumpKey;
    private final KeyPair loginKey;
    private final SshServer jumpServer;
    private final SshServer loginServer;

    /**
     * Starts both servers on free ports.
     *
     * @param jumpAddress loopback address of the jump host
     * @param loginAddress loopback address of the login node
     * @param environment environment variables of commands that are run there, on top of this process' own
     * @throws UncheckedIOException if they cannot listen there
     */
    public EmbeddedLoginNode(InetAddress jumpAddress, InetAddress loginAddress, Map<String, String> environment) {
        this.loginAddress = loginAddress;
        this.userKey = newKey();
        this.jumpKey = newKey();
        this.loginKey = newKey();
        this.loginServer = server(loginAddress, loginKey);
        loginServer.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        loginServer.setForwarderFactory(LoginForwarder::new);
        loginServer.setChannelFactories(
                List.of(org.apache.sshd.server.channel.ChannelSessionFactory.INSTANCE, new LoginTcpipFactory()));
        loginServer.setCommandFactory(
                (channel, command) -> new InvertedShellWrapper(new LoginShell(environment, command)));
        this.jumpServer = server(jumpAddress, jumpKey);
        try {
            loginServer.start();
            jumpServer.setForwardingFilter(new OnlyTo(login()));
            jumpServer.start();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(
                    "The embedded login node cannot listen on " + loginAddress.getHostAddress() + " and "
                            + jumpAddress.getHostAddress(),
                    e);
        }
    }

    private SshServer server(InetAddress address, KeyPair hostKey) {
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost(address.getHostAddress());
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator(
                (user, key, session) -> USER.equals(user) && KeyUtils.compareKeys(key, userKey.getPublic()));
        server.setPasswordAuthenticator(null);
        server.setKeyboardInteractiveAuthenticator(null);
        CoreModuleProperties.IDLE_TIMEOUT.set(server, Duration.ZERO);
        CoreModuleProperties.TCP_NODELAY.set(server, true);
        return server;
    }

    private static KeyPair newKey() {
        try {
            return KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot make an ECDSA key", e);
        }
    }

    /**
     * The jump host.
     *
     * @return where it listens
     */
    public Endpoint jump() {
        return new Endpoint(jumpServer.getHost(), jumpServer.getPort());
    }

    /**
     * The login node.
     *
     * @return where it listens
     */
    public Endpoint login() {
        return new Endpoint(loginServer.getHost(), loginServer.getPort());
    }

    /**
     * Names a server as an SSH client wants it.
     *
     * @param server {@link #jump()} or {@link #login()}
     * @return the hop, with user
     */
    public static SshHop hop(Endpoint server) {
        return new SshHop(server.host(), USER, server.port());
    }

    /**
     * The host keys.
     *
     * @return the content of a known_hosts file
     */
    public String knownHosts() {
        return knownHost(jump(), jumpKey.getPublic()) + knownHost(login(), loginKey.getPublic());
    }

    private static String knownHost(Endpoint server, PublicKey key) {
        return "[" + server.host() + "]:" + server.port() + " " + PublicKeyEntry.toString(key) + "\n";
    }

    /**
     * The login node's host key.
     *
     * @return the public key
     */
    public PublicKey loginHostKey() {
        return loginKey.getPublic();
    }

    /**
     * The key with which {@link #USER} logs in.
     *
     * @return the key pair
     */
    public KeyPair userKey() {
        return userKey;
    }

    /**
     * The key with which {@link #USER} logs in, as a private key file.
     *
     * @return the content of an OpenSSH key file
     */
    public String userKeyFile() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(userKey, USER, null, file);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot write an OpenSSH key", e);
        }
        return file.toString(StandardCharsets.US_ASCII);
    }

    /**
     * Counts the open SSH connections.
     *
     * @return how many there are on both hosts
     */
    public int connections() {
        return jumpServer.getActiveSessions().size()
                + loginServer.getActiveSessions().size();
    }

    @Override
    public void close() {
        close(jumpServer);
        close(loginServer);
    }

    private static void close(SshServer server) {
        try {
            server.close(true).await(CLOSE_TIMEOUT);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop the SSH server on " + server.getHost(), e);
        }
    }

    private boolean meansThisHost(String host) {
        return host.isEmpty() || host.equals("localhost") || host.equals("127.0.0.1") || host.equals("*");
    }

    /** Listens on the login node's address for what clients call localhost. */
    private final class LoginForwarder extends DefaultForwarder {

        LoginForwarder(ConnectionService service) {
            super(service);
        }

        @Override
        protected InetSocketAddress doBind(SshdSocketAddress address, IoAcceptor acceptor) throws IOException {
            String host = meansThisHost(address.getHostName()) ? loginAddress.getHostAddress() : address.getHostName();
            return super.doBind(new SshdSocketAddress(host, address.getPort()), acceptor);
        }
    }

    private final class LoginTcpipFactory extends TcpipServerChannel.TcpipFactory {

        LoginTcpipFactory() {
            super(TcpForwardingFilter.Type.Direct);
        }

        @Override
        public Channel createChannel(Session session) {
            return new LoginTcpipChannel();
        }
    }

    /** Connects to the login node's address where clients say localhost. */
    private final class LoginTcpipChannel extends TcpipServerChannel {

        LoginTcpipChannel() {
            super(TcpForwardingFilter.Type.Direct, null);
            setLocalAddress(new InetSocketAddress(loginAddress, 0));
        }

        @Override
        protected OpenFuture doInit(Buffer request) {
            String host = request.getString();
            Buffer changed = new ByteArrayBuffer();
            changed.putString(meansThisHost(host) ? loginAddress.getHostAddress() : host);
            changed.putBuffer(request);
            return super.doInit(changed);
        }
    }

    /** What the jump host allows: connections to the login node. */
    private static final class OnlyTo extends RejectAllForwardingFilter {

        private final Endpoint target;

        OnlyTo(Endpoint target) {
            this.target = target;
        }

        @Override
        public boolean canConnect(Type type, SshdSocketAddress address, Session session) {
            return address.getHostName().equals(target.host()) && address.getPort() == target.port();
        }
    }

    private static final class LoginShell extends ProcessShell {

        private final Map<String, String> environment;

        LoginShell(Map<String, String> environment, String command) {
            super("bash", "-c", command);
            this.environment = environment;
        }

        @Override
        protected Map<String, String> resolveShellEnvironment(Map<String, String> fromClient) {
            return environment;
        }
    }
}
