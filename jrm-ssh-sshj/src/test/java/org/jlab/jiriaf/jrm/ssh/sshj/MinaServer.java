package org.jlab.jiriaf.jrm.ssh.sshj;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import java.util.function.Consumer;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.helpers.AbstractSession;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** An SSH server in this process, with a user key and a known_hosts file to reach it with. */
final class MinaServer implements AutoCloseable {

    private final SshServer server = SshServer.setUpDefaultServer();
    private final Path userKey;
    private final Path knownHosts;

    MinaServer(Path folder) {
        userKey = folder.resolve("id_ed25519");
        knownHosts = folder.resolve("known_hosts");
        try {
            KeyPair user = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
            try (var out = Files.newOutputStream(userKey)) {
                OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(user, "test", null, out);
            }
            KeyPair host = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
            server.setHost("127.0.0.1");
            server.setKeyPairProvider(KeyPairProvider.wrap(host));
            server.setPublickeyAuthenticator((name, key, session) -> KeyUtils.compareKeys(key, user.getPublic()));
            server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
            server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
            server.setCommandFactory(ProcessShellCommandFactory.INSTANCE);
            server.start();
            Files.writeString(
                    knownHosts,
                    "[127.0.0.1]:" + server.getPort() + " " + PublicKeyEntry.toString(host.getPublic()) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes the server for the connections to come. */
    void configure(Consumer<SshServer> change) {
        change.accept(server);
    }

    int port() {
        return server.getPort();
    }

    Path userKey() {
        return userKey;
    }

    Path knownHosts() {
        return knownHosts;
    }

    /** Closes the connections of all users; the server stays. */
    void breakConnections() {
        for (AbstractSession session : server.getActiveSessions()) {
            session.close(true);
        }
    }

    @Override
    public void close() throws IOException {
        server.close(true);
    }
}
