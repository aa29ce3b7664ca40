package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.sshd.server.auth.keyboard.InteractiveChallenge;
import org.apache.sshd.server.auth.keyboard.KeyboardInteractiveAuthenticator;
import org.apache.sshd.server.session.ServerSession;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Passwords and one-time codes, against a server in this process: OpenSSH would need users and PAM for it. */
@Timeout(60)
class PasswordLoginTest {

    private static final Duration TIME = Duration.ofSeconds(20);
    private static final Secret PASSWORD = Secret.of("pass word");

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @TempDir
    private Path folder = Path.of("unset");

    private @Nullable MinaServer server;

    @BeforeEach
    void start() {
        server = new MinaServer(folder);
        resources.add(server);
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    private MinaServer server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    private TunnelManager manager(SshjTunnelManager.Builder builder) {
        TunnelManager manager =
                builder.noSshConfig().knownHosts(server().knownHosts()).build();
        resources.add(manager);
        return manager;
    }

    private SshRoute route(Secret password) {
        SshHop hop = new SshHop("127.0.0.1", "tester", server().port());
        return new SshRoute(List.of(hop, hop), null, password);
    }

    @Test
    void logsInToTwoHopsByPassword() throws IOException {
        server().configure(sshd ->
                sshd.setPasswordAuthenticator((name, password, session) -> password.equals(PASSWORD.reveal())));

        LoginSession session = manager(SshjTunnelManager.builder()).connect(route(PASSWORD), TIME);

        assertThat(session.exec("echo there", TIME).output()).isEqualTo("there\n");
    }

    @Test
    void refusedPasswordIsTriedOnceAndShownNowhere() {
        server().configure(sshd -> sshd.setPasswordAuthenticator((name, password, session) -> {
            received.add(password);
            return false;
        }));

        TunnelException failure = catchThrowableOfType(
                TunnelException.class,
                () -> manager(SshjTunnelManager.builder()).connect(route(PASSWORD), TIME));

        assertThat(failure.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
        assertThat(failure.toString()).doesNotContain(PASSWORD.reveal()).contains("the password");
        assertThat(received).containsExactly(PASSWORD.reveal());
    }

    @Test
    void sendsOneTimeCodeOnceOnly() {
        server().configure(sshd -> sshd.setKeyboardInteractiveAuthenticator(new Asking()));
        TunnelManager manager =
                manager(SshjTunnelManager.builder().prompt((hop, text, echo) -> Optional.of(Secret.of("123456"))));
        SshRoute route = new SshRoute(List.of(new SshHop("127.0.0.1", "tester", server().port())), null, PASSWORD);

        manager.connect(route, TIME).close();
        TunnelException failure = catchThrowableOfType(TunnelException.class, () -> manager.connect(route, TIME));

        assertThat(failure.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
        assertThat(received).containsExactly(PASSWORD.reveal(), "123456", PASSWORD.reveal(), "");
    }

    /** Asks for the password and a code. */
    private final class Asking implements KeyboardInteractiveAuthenticator {
        @Override
        public InteractiveChallenge generateChallenge(
                ServerSession session, String name, String language, String methods) {
            InteractiveChallenge challenge = new InteractiveChallenge();
            challenge.setInteractionName("log-in");
            challenge.setInteractionInstruction("two answers");
            challenge.setLanguageTag("");
            challenge.addPrompt("Password: ", false);
            challenge.addPrompt("Verification code: ", false);
            return challenge;
        }

        @Override
        public boolean authenticate(ServerSession session, String name, List<String> answers) {
            received.addAll(answers);
            return answers.equals(List.of(PASSWORD.reveal(), "123456"));
        }
    }
}
