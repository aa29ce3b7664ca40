package org.jlab.jiriaf.jrm.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.RequiredServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.jlab.jiriaf.jrm.app.demo.embedded.EmbeddedLoginNode;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;

/**
 * The {@code ssh} of the compute nodes: for each call one real SSH connection from the node's address to the login node, by
 * public key and with the host key checked, that lasts as long as the calling script.
 */
final class ComputeNodeSsh implements StandInServer.Command, AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final SshClient client;
    private final EmbeddedLoginNode loginNode;
    private final Function<String, InetAddress> addressOf;

    /**
     * Makes the command.
     *
     * @param loginNode where every connection goes
     * @param addressOf the address of a compute node by its name
     */
    ComputeNodeSsh(EmbeddedLoginNode loginNode, Function<String, InetAddress> addressOf) {
        this.loginNode = loginNode;
        this.addressOf = addressOf;
        this.client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(new RequiredServerKeyVerifier(loginNode.loginHostKey()));
        // The default, post-quantum exchange takes a tenth of a second of computing per connection.
        client.setKeyExchangeFactories(NamedFactory.setUpTransformedFactories(
                false, List.of(BuiltinDHFactories.curve25519, BuiltinDHFactories.ecdhp256), ClientBuilder.DH2KEX));
        // Without a filter the client refuses what comes in on its own remote forwards.
        client.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        client.start();
    }

    @Override
    public void serve(StandInCall call) throws IOException {
        SshArguments arguments = SshArguments.parse(call.arguments());
        InetAddress node = addressOf.apply(call.host());
        try (ClientSession session = connect(node)) {
            if (!forward(call, arguments, node, session)) {
                call.exit(255);
                return;
            }
            // The script is told of a broken connection by hanging up on it, as ssh would end.
            session.addCloseFutureListener(closed -> hangUp(call));
            call.awaitHangUp();
            session.close(true);
        }
    }

    private ClientSession connect(InetAddress node) throws IOException {
        Endpoint login = loginNode.login();
        ClientSession session = client.connect(
                        EmbeddedLoginNode.USER,
                        new InetSocketAddress(login.host(), login.port()),
                        new InetSocketAddress(node, 0))
                .verify(TIMEOUT)
                .getSession();
        session.addPublicKeyIdentity(loginNode.userKey());
        session.auth().verify(TIMEOUT);
        return session;
    }

    private static boolean forward(StandInCall call, SshArguments arguments, InetAddress node, ClientSession session)
            throws IOException {
        for (Forward forward : arguments.forwards()) {
            try {
                if (forward.direction() == Forward.Direction.LOCAL) {
                    session.startLocalPortForwarding(on(node, forward.bind()), address(forward.target()));
                } else {
                    session.startRemotePortForwarding(address(forward.bind()), on(node, forward.target()));
                }
            } catch (IOException e) {
                call.printError("ssh: " + forward + " failed: " + e.getMessage());
                if (arguments.exitOnForwardFailure()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** An endpoint of the node itself, which the node's scripts call localhost. */
    private static SshdSocketAddress on(InetAddress node, Endpoint endpoint) {
        return switch (endpoint.host()) {
            case "localhost", "127.0.0.1", "*" -> new SshdSocketAddress(node.getHostAddress(), endpoint.port());
            default -> address(endpoint);
        };
    }

    private static SshdSocketAddress address(Endpoint endpoint) {
        return new SshdSocketAddress(endpoint.host(), endpoint.port());
    }

    private static void hangUp(StandInCall call) {
        try {
            call.close();
        } catch (IOException e) {
            // It has gone by itself.
        }
    }

    @Override
    public void close() {
        client.stop();
    }
}
