package org.jlab.jiriaf.jrm.ssh.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.ProbeResult;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent;
import org.jlab.jiriaf.jrm.tunnel.TunnelEvent.Kind;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong at real sites, against OpenSSH's server. */
@Timeout(120)
@NeedsOpenSsh
class OpenSshTest {

    private static final Duration TIME = Duration.ofSeconds(40);

    private final List<AutoCloseable> resources = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("unset");

    private EchoServer echo = new EchoServer();

    @BeforeEach
    void start() {
        resources.add(echo);
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    private OpenSshServer server(String... options) {
        OpenSshServer server = new OpenSshServer(folder.resolve("sshd" + resources.size()), options);
        resources.add(server);
        return server;
    }

    private TunnelManager manager(SshjTunnelManager.Builder builder) {
        TunnelManager manager = builder.build();
        resources.add(manager);
        return manager;
    }

    private LoginSession connect(OpenSshServer server) {
        return manager(server.manager()).connect(server.route(), TIME);
    }

    private static TunnelException refusal(TunnelManager manager, SshRoute route) {
        return catchThrowableOfType(TunnelException.class, () -> manager.connect(route, TIME));
    }

    private Forward local() {
        return Forward.local(Endpoint.localhost(OpenSshServer.freePort()), echo.endpoint());
    }

    private Forward remote() {
        return Forward.remote(Endpoint.localhost(OpenSshServer.freePort()), echo.endpoint());
    }

    // Host keys.

    @Test
    void refusesHostThatIsNotKnown() throws IOException {
        OpenSshServer server = server();
        Files.writeString(server.knownHosts(), "");

        TunnelException failure = refusal(manager(server.manager()), server.route());

        assertThat(failure.reason()).isEqualTo(Reason.HOST_KEY_REJECTED);
        assertThat(failure.isTransient()).isFalse();
        assertThat(failure).hasMessageContaining("SHA256:").hasMessageContaining("127.0.0.1:" + server.port());
    }

    @Test
    void refusesHostWhoseKeyHasChangedEvenWhenNewHostsAreAccepted() throws IOException {
        OpenSshServer server = server();
        Path other = folder.resolve("other_key");
        OpenSshServer.generateKey(other, "ed25519");
        Files.writeString(
                server.knownHosts(),
                "[127.0.0.1]:" + server.port() + " " + Files.readString(OpenSshServer.publicKey(other)));

        TunnelException failure = refusal(manager(server.manager().acceptNewHostKeys()), server.route());

        assertThat(failure.reason()).isEqualTo(Reason.HOST_KEY_REJECTED);
        assertThat(failure).hasMessageContaining("is not the one");
    }

    @Test
    void storesKeyOfNewHostWhenNewHostsAreAccepted() throws IOException {
        OpenSshServer server = server();
        Files.delete(server.knownHosts());

        manager(server.manager().acceptNewHostKeys())
                .connect(server.route(), TIME)
                .close();

        assertThat(server.knownHosts()).content().startsWith("[127.0.0.1]:" + server.port() + " ssh-ed25519 ");
        manager(server.manager()).connect(server.route(), TIME).close();
    }

    @Test
    void understandsHashedHostNames() {
        OpenSshServer server = server();
        OpenSshServer.run(
                List.of("ssh-keygen", "-q", "-H", "-f", server.knownHosts().toString()));
        assertThat(server.knownHosts()).content().startsWith("|1|");

        manager(server.manager()).connect(server.route(), TIME).close();
    }

    @Test
    void refusesRevokedHostKey() throws IOException {
        OpenSshServer server = server();
        String entry = Files.readString(server.knownHosts());
        Files.writeString(server.knownHosts(), entry + "@revoked " + entry);

        TunnelException failure = refusal(manager(server.manager()), server.route());

        assertThat(failure.reason()).isEqualTo(Reason.HOST_KEY_REJECTED);
        assertThat(failure).hasMessageContaining("revoked");
    }

    @Test
    void trustsHostKeySignedByKnownAuthority() throws IOException {
        Path authority = folder.resolve("authority");
        Path hostKey = folder.resolve("signed_host_key");
        OpenSshServer.generateKey(authority, "ed25519");
        OpenSshServer.generateKey(hostKey, "ed25519");
        OpenSshServer.run(List.of(
                "ssh-keygen",
                "-q",
                "-s",
                authority.toString(),
                "-I",
                "host",
                "-h",
                "-n",
                "127.0.0.1",
                OpenSshServer.publicKey(hostKey).toString()));
        OpenSshServer server = server("HostKey " + hostKey, "HostCertificate " + hostKey + "-cert.pub");
        Files.writeString(
                server.knownHosts(), "@cert-authority * " + Files.readString(OpenSshServer.publicKey(authority)));

        manager(server.manager()).connect(server.route(), TIME).close();
    }

    // Logging in.

    @Test
    void saysWhatWasOfferedWhenTheKeyIsRefused() {
        OpenSshServer server = server();
        Path stranger = folder.resolve("stranger");
        OpenSshServer.generateKey(stranger, "ed25519");

        TunnelException failure =
                refusal(manager(server.manager()), new SshRoute(List.of(server.hop()), stranger, null));

        assertThat(failure.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
        assertThat(failure).hasMessageContaining(stranger.toString()).hasMessageContaining("publickey");
    }

    @ParameterizedTest
    @CsvSource({
        "ed25519, 256, RFC4716, ''",
        "ed25519, 256, RFC4716, open sesame",
        "rsa, 2048, RFC4716, ''",
        "rsa, 3072, PEM, open sesame",
        "rsa, 2048, PKCS8, ''",
        "rsa, 2048, PKCS8, open sesame",
        "ecdsa, 256, RFC4716, open sesame",
        "ecdsa, 256, PKCS8, ''",
        "ecdsa, 256, PEM, ''",
        "ecdsa, 384, PKCS8, open sesame",
        "ecdsa, 384, RFC4716, ''",
        "ecdsa, 521, PKCS8, ''",
        "ecdsa, 521, PEM, open sesame"
    })
    void logsInWithEveryUsualTypeOfKey(String type, String bits, String format, String passphrase) throws IOException {
        OpenSshServer server = server();
        Path key = folder.resolve("key");
        OpenSshServer.generateKey(key, type, "-b", bits, "-m", format, "-N", passphrase);
        authorize(server, key);
        Files.delete(OpenSshServer.publicKey(key));

        manager(server.manager().passphrases(file -> Optional.of(Secret.of(passphrase))))
                .connect(new SshRoute(List.of(server.hop()), key, null), TIME)
                .close();
    }

    @Test
    void logsInWithCertificateBesideTheKey() throws IOException {
        Path authority = folder.resolve("authority");
        OpenSshServer.generateKey(authority, "ed25519");
        OpenSshServer server = server("TrustedUserCAKeys " + OpenSshServer.publicKey(authority));
        for (String type : List.of("rsa", "ed25519", "ecdsa")) {
            Path key = certified(authority, type, "+1h");

            manager(server.manager())
                    .connect(new SshRoute(List.of(server.hop()), key, null), TIME)
                    .close();
        }
    }

    @Test
    void findsTheCertificateThatTheSshConfigurationNames() throws IOException {
        Path authority = folder.resolve("authority");
        OpenSshServer.generateKey(authority, "ed25519");
        OpenSshServer server = server("TrustedUserCAKeys " + OpenSshServer.publicKey(authority));
        Path key = certified(authority, "ed25519", "+1h");
        Path elsewhere = folder.resolve("elsewhere.pub");
        Files.move(folder.resolve("certified_ed25519-cert.pub"), elsewhere);
        Path config = Files.writeString(
                folder.resolve("config"),
                "Host *\n IdentityFile " + key + "\n IdentitiesOnly yes\n CertificateFile " + elsewhere + "\n");

        manager(SshjTunnelManager.builder().sshConfig(config).knownHosts(server.knownHosts()))
                .connect(new SshRoute(List.of(server.hop()), null, null), TIME)
                .close();
    }

    @Test
    void saysThatTheCertificateHasExpired() {
        Path authority = folder.resolve("authority");
        OpenSshServer.generateKey(authority, "ed25519");
        OpenSshServer server = server("TrustedUserCAKeys " + OpenSshServer.publicKey(authority));
        Path key = certified(authority, "ed25519", "20200101:20200102");

        TunnelException failure = refusal(manager(server.manager()), new SshRoute(List.of(server.hop()), key, null));

        assertThat(failure.reason()).isEqualTo(Reason.CERTIFICATE_EXPIRED);
        assertThat(failure).hasMessageContaining("2020-01-0");
    }

    @Test
    void warnsOfCertificateThatExpiresAndTakesOverWithTheRenewedOne() throws Exception {
        Path authority = folder.resolve("authority");
        OpenSshServer.generateKey(authority, "ed25519");
        OpenSshServer server = server("TrustedUserCAKeys " + OpenSshServer.publicKey(authority));
        Path key = certified(authority, "ed25519", "+1h");
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        LoginSession session = manager(server.manager().onEvent(events::add))
                .connect(new SshRoute(List.of(server.hop()), key, null), TIME);
        Forward there = local();
        List<Tunnel> tunnels = session.open(List.of(there, remote()), TIME);
        await().atMost(TIME).until(() -> kinds(events).contains(Kind.CERTIFICATE_EXPIRES));
        Instant firstEnd = session.connection().certificateValidUntil();
        assertThat(firstEnd).isBetween(Instant.now(), Instant.now().plus(Duration.ofHours(1)));

        try (Socket inFlight = echo.open(there)) {
            inFlight.getOutputStream().write(1);
            assertThat(inFlight.getInputStream().read()).isEqualTo(1);
            certify(authority, key, "+9h");
            await().atMost(TIME).until(() -> kinds(events).contains(Kind.CERTIFICATE_RENEWED));

            await().atMost(TIME)
                    .until(() ->
                            tunnels.stream().allMatch(tunnel -> tunnel.state().isUp() && echo.ask(tunnel.forward())));
            inFlight.getOutputStream().write(2);
            assertThat(inFlight.getInputStream().read()).isEqualTo(2);
        }
        assertThat(kinds(events)).doesNotContain(Kind.DISCONNECTED);
        assertThat(session.connection().certificateValidUntil()).isAfter(firstEnd);
    }

    private static List<Kind> kinds(List<TunnelEvent> events) {
        return events.stream().map(TunnelEvent::kind).toList();
    }

    @Test
    void namesEncryptedKeyWithoutPassphrase() {
        OpenSshServer server = server();
        Path key = folder.resolve("encrypted");
        OpenSshServer.generateKey(key, "ed25519", "-N", "open sesame");

        TunnelException failure = refusal(manager(server.manager()), new SshRoute(List.of(server.hop()), key, null));

        assertThat(failure.reason()).isEqualTo(Reason.CONFIGURATION);
        assertThat(failure).hasMessageContaining(key.toString()).hasMessageContaining("encrypted");
    }

    @Test
    void logsInWithKeysOfTheAgent() throws Exception {
        OpenSshServer server = server();
        Path socket = folder.resolve("agent");
        Process agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        resources.add(agent::destroy);
        await().until(() -> Files.exists(socket));
        for (String type : List.of("ed25519", "rsa", "ecdsa")) {
            Path key = folder.resolve("agent_" + type);
            OpenSshServer.generateKey(key, type);
            authorize(server, key);
            OpenSshServer.run(List.of(
                    "env", "SSH_AUTH_SOCK=" + socket, "sh", "-c", "ssh-add -q -D 2>/dev/null; ssh-add -q " + key));
            Files.delete(key);
            Path config = Files.writeString(folder.resolve("agent_config"), "Host *\n IdentityAgent " + socket + "\n");

            manager(SshjTunnelManager.builder().sshConfig(config).knownHosts(server.knownHosts()))
                    .connect(new SshRoute(List.of(server.hop()), null, null), TIME)
                    .close();
        }
    }

    @Test
    void offersThatKeyOfTheAgentAloneWhosePublicHalfIsNamed() throws Exception {
        OpenSshServer server = server("MaxAuthTries 2", "LogLevel VERBOSE");
        Path socket = agent(7);
        Path key = folder.resolve("crowd6");
        authorize(server, key);
        Files.delete(key);
        for (Path named : List.of(key, OpenSshServer.publicKey(key))) {
            Path config = Files.writeString(
                    folder.resolve("agent_config"),
                    "Host *\n IdentityAgent " + socket + "\n IdentitiesOnly yes\n IdentityFile " + named + "\n");

            manager(SshjTunnelManager.builder().sshConfig(config).knownHosts(server.knownHosts()))
                    .connect(new SshRoute(List.of(server.hop()), null, null), TIME)
                    .close();
        }
        assertThat(server.log()).doesNotContain("Failed publickey");
    }

    @Test
    void offersKeysInTheOrderOfOpenSsh() throws Exception {
        OpenSshServer server = server("MaxAuthTries 20", "LogLevel VERBOSE");
        Path socket = agent(3);
        Path authority = folder.resolve("authority");
        OpenSshServer.generateKey(authority, "ed25519");
        certified(authority, "rsa", "+1h");
        certified(authority, "ecdsa", "+1h");
        String config = "Host *\n IdentityAgent " + socket + "\n UserKnownHostsFile " + server.knownHosts()
                + "\n IdentityFile " + folder.resolve("certified_rsa") + "\n IdentityFile "
                + folder.resolve("certified_ecdsa") + "\n IdentityFile " + folder.resolve("crowd1.pub")
                + "\n IdentityFile " + folder.resolve("crowd2") + "\n";
        authorize(server, authority);
        for (String more : List.of(
                "", " IdentitiesOnly yes\n", " CertificateFile " + folder.resolve("certified_ecdsa-cert.pub") + "\n")) {
            Path file = Files.writeString(folder.resolve("agent_config"), config + more);
            int before = offers(server).size();
            new ProcessBuilder(
                            "ssh",
                            "-F",
                            file.toString(),
                            "-o",
                            "BatchMode=yes",
                            "-p",
                            Integer.toString(server.port()),
                            "127.0.0.1",
                            "true")
                    .start()
                    .waitFor();
            int between = offers(server).size();

            refusal(
                    manager(SshjTunnelManager.builder().sshConfig(file)),
                    new SshRoute(List.of(server.hop()), null, null));

            List<String> offers = offers(server);
            assertThat(offers.subList(between, offers.size()))
                    .isEqualTo(offers.subList(before, between))
                    .isNotEmpty();
        }
    }

    private static List<String> offers(OpenSshServer server) {
        return server.log()
                .lines()
                .filter(line -> line.startsWith("Failed publickey"))
                .map(line -> line.replaceFirst(".* ssh2: ", ""))
                .toList();
    }

    @Test
    void saysThatTooManyKeysWereOffered() throws Exception {
        OpenSshServer server = server("MaxAuthTries 3");
        Path config = Files.writeString(folder.resolve("agent_config"), "Host *\n IdentityAgent " + agent(5) + "\n");

        TunnelException failure = refusal(
                manager(SshjTunnelManager.builder().sshConfig(config).knownHosts(server.knownHosts())),
                new SshRoute(List.of(server.hop()), null, null));

        assertThat(failure.reason()).isEqualTo(Reason.AUTHENTICATION_REFUSED);
        assertThat(failure).hasMessageContaining("3 keys").hasMessageContaining("IdentitiesOnly");
    }

    /** An agent with keys crowd0, crowd1 and so on, none of which the server knows. */
    private Path agent(int keys) throws Exception {
        Path socket = folder.resolve("crowded_agent");
        Process agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        resources.add(agent::destroy);
        await().until(() -> Files.exists(socket));
        for (int i = 0; i < keys; i++) {
            Path key = folder.resolve("crowd" + i);
            OpenSshServer.generateKey(key, "ed25519");
            OpenSshServer.run(List.of("env", "SSH_AUTH_SOCK=" + socket, "ssh-add", "-q", key.toString()));
        }
        return socket;
    }

    private static void authorize(OpenSshServer server, Path key) throws IOException {
        Files.copy(
                OpenSshServer.publicKey(key),
                server.folder().resolve("authorized_keys"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private Path certified(Path authority, String type, String validity) {
        Path key = folder.resolve("certified_" + type);
        OpenSshServer.generateKey(key, type);
        certify(authority, key, validity);
        return key;
    }

    private static void certify(Path authority, Path key, String validity) {
        OpenSshServer.run(List.of(
                "ssh-keygen",
                "-q",
                "-s",
                authority.toString(),
                "-I",
                "test",
                "-n",
                System.getProperty("user.name"),
                "-V",
                validity,
                OpenSshServer.publicKey(key).toString()));
    }

    // Reaching.

    @Test
    void goesThroughJumpHosts() throws IOException {
        OpenSshServer jump = server();
        OpenSshServer login = server();
        Path knownHosts = trusting(jump, login);
        authorize(jump, login.userKey());
        SshRoute route = new SshRoute(List.of(jump.hop(), login.hop()), login.userKey(), null);
        LoginSession session = manager(SshjTunnelManager.builder().noSshConfig().knownHosts(knownHosts))
                .connect(route, TIME);
        Forward there = local();
        Forward back = remote();

        List<Tunnel> tunnels = session.open(List.of(there, back), TIME);

        assertThat(echo.ask(there)).isTrue();
        assertThat(echo.ask(back)).isTrue();
        assertThat(login.serving()).isNotEmpty();

        jump.killConnections();
        await().atMost(TIME)
                .until(() -> tunnels.stream().allMatch(tunnel -> tunnel.state().isUp())
                        && echo.ask(there)
                        && echo.ask(back));
    }

    private Path trusting(OpenSshServer... servers) throws IOException {
        StringBuilder entries = new StringBuilder();
        for (OpenSshServer server : servers) {
            entries.append(Files.readString(server.knownHosts()));
        }
        return Files.writeString(folder.resolve("all_known_hosts"), entries);
    }

    @Test
    void namesTheHopThatIsDown() throws IOException {
        OpenSshServer jump = server();
        int nobody = OpenSshServer.freePort();
        TunnelManager manager = manager(jump.manager());

        TunnelException direct =
                refusal(manager, new SshRoute(List.of(new SshHop("127.0.0.1", "me", nobody)), jump.userKey(), null));
        TunnelException behind = refusal(
                manager,
                new SshRoute(List.of(jump.hop(), new SshHop("127.0.0.1", "me", nobody)), jump.userKey(), null));

        assertThat(direct.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(direct).hasMessageContaining("127.0.0.1:" + nobody);
        assertThat(behind.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(behind).hasMessageContaining("127.0.0.1:" + nobody).hasMessageContaining("jump host");
    }

    @Test
    void goesToAnotherLoginNodeWhenOneIsDown() throws IOException {
        OpenSshServer first = server();
        OpenSshServer second = server("AuthorizedKeysFile " + OpenSshServer.publicKey(first.userKey()));
        SshRoute route = new SshRoute(List.of(first.hop()), first.userKey(), null, List.of(second.hop()));
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        LoginSession session = manager(SshjTunnelManager.builder()
                        .noSshConfig()
                        .knownHosts(trusting(first, second))
                        .onEvent(events::add))
                .connect(route, TIME);
        Tunnel tunnel = session.open(List.of(remote()), TIME).get(0);
        assertThat(first.serving()).isNotEmpty();
        assertThat(session.connection().login()).isEqualTo(first.hop());

        first.stop();

        await().atMost(TIME)
                .until(() -> !second.serving().isEmpty() && tunnel.state().isUp() && echo.ask(tunnel.forward()));
        assertThat(tunnel.connection().login()).isEqualTo(second.hop());
        assertThat(tunnel.route().login()).isEqualTo(first.hop());
        assertThat(events)
                .filteredOn(event -> event.kind() == Kind.CONNECTED)
                .extracting(TunnelEvent::login)
                .containsExactly(first.hop(), second.hop());
    }

    @Test
    void givesUpOnServerThatAcceptsAndSaysNothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            SshRoute route = new SshRoute(
                    List.of(new SshHop("127.0.0.1", "me", silent.getLocalPort())), folder.resolve("key"), null);
            TunnelManager manager =
                    manager(SshjTunnelManager.builder().noSshConfig().attemptTimeout(Duration.ofMillis(700)));

            TunnelException failure = refusal(manager, route);

            assertThat(failure.reason()).isEqualTo(Reason.TIMEOUT);
            assertThat(failure).hasMessageContaining("127.0.0.1:" + silent.getLocalPort());
        }
    }

    @Test
    void readsAliasesAndJumpsFromTheSshConfiguration() throws IOException {
        OpenSshServer jump = server();
        OpenSshServer login = server();
        authorize(jump, login.userKey());
        Path config = Files.writeString(folder.resolve("config"), """
                Host login*
                  HostName 127.0.0.1
                  Port %d
                  ProxyJump jump
                Host jump
                  HostName 127.0.0.1
                  Port %d
                Host *
                  User %s
                  IdentityFile %s
                  UserKnownHostsFile %s
                """.formatted(
                login.port(), jump.port(), System.getProperty("user.name"), login.userKey(), trusting(jump, login)));
        LoginSession session = manager(SshjTunnelManager.builder().sshConfig(config))
                .connect(new SshRoute(List.of(SshHop.parse("login07")), null, null), TIME);

        assertThat(session.exec("echo $SSH_CONNECTION", TIME).output()).contains(" " + login.port());
        assertThat(jump.serving()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nc %h %p",
                "socat - TCP:%h:%p",
                "ssh -F @CONFIG@ -W %h:%p jump",
                "ssh -F @CONFIG@ -q -W '[%h]:%p' jump -p @JUMP@",
                "sh -c 'ssh -F @CONFIG@ -W %h:%p jump'"
            })
    void goesThroughProxyCommands(String command) throws IOException {
        OpenSshServer jump = server();
        OpenSshServer login = server();
        authorize(jump, login.userKey());
        Path config = folder.resolve("config");
        Files.writeString(config, """
                Host login
                  HostName 127.0.0.1
                  Port %d
                  ProxyCommand %s
                Host jump
                  HostName 127.0.0.1
                  Port %d
                Host *
                  User %s
                  IdentityFile %s
                  UserKnownHostsFile %s
                """.formatted(
                        login.port(),
                        command.replace("@CONFIG@", config.toString()).replace("@JUMP@", Integer.toString(jump.port())),
                        jump.port(),
                        System.getProperty("user.name"),
                        login.userKey(),
                        trusting(jump, login)));
        LoginSession session = manager(SshjTunnelManager.builder().sshConfig(config))
                .connect(new SshRoute(List.of(SshHop.parse("login")), null, null), TIME);
        Forward back = remote();
        session.open(List.of(back), TIME);

        assertThat(echo.ask(back)).isTrue();
        assertThat(jump.serving().isEmpty()).isEqualTo(!command.contains("ssh"));

        login.killConnections();
        await().atMost(TIME).until(() -> echo.ask(back));
        session.close();
        String started = command.contains("socat") ? "socat" : command.contains("nc ") ? "nc" : "ssh";
        await().atMost(TIME)
                .until(() -> ProcessHandle.current()
                        .descendants()
                        .noneMatch(child -> child.info().command().orElse("").matches(".*/" + started + "(\\..*)?")));
    }

    @Test
    void saysHowTheProxyCommandFailed() throws IOException {
        Path config =
                Files.writeString(folder.resolve("config"), "Host *\n ProxyCommand echo no way to %h >&2; exit 3\n");

        TunnelException failure = refusal(
                manager(SshjTunnelManager.builder().sshConfig(config)),
                new SshRoute(List.of(SshHop.parse("login")), null, null));

        assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
        assertThat(failure).hasMessageContaining("no way to login");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subsystem other internal-sftp", "Subsystem sftp /bin/false"})
    void saysThatTheServerHasNoSftp(String subsystem) {
        LoginSession session = connect(server(subsystem));

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> session.writeFile("file", new byte[0], TIME));

        assertThat(failure.reason()).isEqualTo(Reason.CONFIGURATION);
        assertThat(failure).hasMessageContaining("SFTP");
    }

    // Forwards.

    @Test
    void saysThatForwardingIsForbidden() {
        LoginSession session = connect(server("AllowTcpForwarding local"));

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> session.open(List.of(remote()), TIME));

        assertThat(failure.reason()).isEqualTo(Reason.FORWARDING_FORBIDDEN);
    }

    @Test
    void probeTellsThatForwardingIsForbidden() {
        LoginSession session = connect(server("AllowTcpForwarding no"));
        Tunnel tunnel = session.open(List.of(local()), TIME).get(0);

        ProbeResult result = tunnel.probe(TIME);

        assertThat(result.outcome()).isEqualTo(ProbeResult.Outcome.NOT_CARRIED);
        assertThat(result.message()).contains("forbids");
    }

    @Test
    void probeTellsThatTheServerIsSilent() {
        OpenSshServer server = server();
        LoginSession session = connect(server);
        List<Tunnel> tunnels = session.open(List.of(local(), remote()), TIME);
        // So that nothing that it has said before is still to be heard.
        session.check(TIME);
        server.suspend();
        try {
            for (Tunnel tunnel : tunnels) {
                assertThat(tunnel.probe(Duration.ofSeconds(1)).outcome()).isEqualTo(ProbeResult.Outcome.NOT_CARRIED);
            }
        } finally {
            server.resume();
        }
    }

    @Test
    void noticesThatSomebodyElseHoldsOneOfTheLoopbackAddresses() throws IOException {
        LoginSession session = connect(server());
        // sshd is content with ::1 then, and says that it listens.
        try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            Forward forward = Forward.remote(Endpoint.localhost(other.getLocalPort()), echo.endpoint());

            TunnelException failure =
                    catchThrowableOfType(TunnelException.class, () -> session.open(List.of(forward), TIME));

            assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
            assertThat(failure.forward()).contains(forward);
        }
    }

    @Test
    void waitsForPortThatItsOwnDeadConnectionStillHolds() {
        OpenSshServer server = server();
        Forward forward = holdWithDeadConnection(server);
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        LoginSession session = manager(server.manager().heldPortTimeout(TIME).onEvent(events::add))
                .connect(server.route(), TIME);

        CompletableFuture<List<Tunnel>> opened =
                CompletableFuture.supplyAsync(() -> session.open(List.of(forward), TIME.multipliedBy(2)));
        await().atMost(TIME)
                .until(() -> events.stream().anyMatch(event -> event.message().contains("an earlier connection")));
        assertThat(opened).isNotDone();
        server.resume();

        assertThat(opened).succeedsWithin(TIME);
        assertThat(echo.ask(forward)).isTrue();
    }

    @Test
    void saysThatItsOwnDeadConnectionHoldsPortForTooLong() {
        OpenSshServer server = server();
        Forward forward = holdWithDeadConnection(server);
        LoginSession session = manager(server.manager().heldPortTimeout(Duration.ofMillis(600)))
                .connect(server.route(), TIME);

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> session.open(List.of(forward), TIME));

        assertThat(failure.reason()).isEqualTo(Reason.PORT_TAKEN);
        assertThat(failure).hasMessageContaining("an earlier connection").hasMessageContaining("has not become free");
        server.resume();
    }

    /** Programs pick any free port for their end of a connection, and sshd is content with ::1 then. */
    @Test
    void waitsForPortThatSomebodysConnectionUses() throws IOException {
        OpenSshServer server = server();
        Forward forward = remote();
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        LoginSession session = manager(server.manager().heldPortTimeout(TIME).onEvent(events::add))
                .connect(server.route(), TIME);
        CompletableFuture<List<Tunnel>> opened;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Socket connection = new Socket()) {
            connection.bind(new InetSocketAddress(loopback, forward.bind().port()));
            connection.connect(new InetSocketAddress(loopback, echo.endpoint().port()));
            connection.setSoLinger(true, 0); // the kernel forgets it at once

            opened = CompletableFuture.supplyAsync(() -> session.open(List.of(forward), TIME.multipliedBy(2)));
            await().atMost(TIME)
                    .until(() -> events.stream()
                            .anyMatch(event -> event.message().contains("uses the port for its own end")));
            assertThat(opened).isNotDone();
        }

        assertThat(opened).succeedsWithin(TIME);
        assertThat(echo.ask(forward)).isTrue();
    }

    /** Opens a remote forward on a connection whose server does not notice that its client has gone. */
    private Forward holdWithDeadConnection(OpenSshServer server) {
        Forward forward = remote();
        try (TunnelManager manager = server.manager().build()) {
            manager.connect(server.route(), TIME).open(List.of(forward), TIME);
            server.suspend();
        }
        return forward;
    }

    @Test
    void runsCommandsWhereOneSessionIsAllowed() {
        LoginSession session = connect(server("MaxSessions 1"));

        for (int i = 0; i < 5; i++) {
            assertThat(session.exec("echo " + i, TIME).output()).isEqualTo(i + "\n");
        }
    }

    @Test
    void runsManyCommandsWhereFewSessionsAreAllowed() {
        LoginSession session = connect(server("MaxSessions 2"));

        List<CompletableFuture<ExecResult>> results = IntStream.range(0, 6)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> session.exec("sleep 0.1; echo " + i, TIME)))
                .toList();

        for (int i = 0; i < results.size(); i++) {
            assertThat(results.get(i)).succeedsWithin(TIME).isEqualTo(new ExecResult(0, i + "\n", ""));
        }
    }

    @Test
    void stopsCommandThatPrintsTooMuch() {
        OpenSshServer server = server();
        LoginSession session = manager(server.manager().outputLimit(100_000)).connect(server.route(), TIME);

        TunnelException failure =
                catchThrowableOfType(TunnelException.class, () -> session.exec("head -c 100001 /dev/zero", TIME));

        assertThat(failure).hasMessageContaining("100000");
        assertThat(session.exec("head -c 100000 /dev/zero | tr '\\0' x", TIME).output())
                .hasSize(100_000);
    }

    @Test
    void survivesKeyExchangeUnderLoad() throws Exception {
        LoginSession session = connect(server("RekeyLimit 1M"));
        Forward there = local();
        Forward back = remote();
        session.open(List.of(there, back), TIME);

        assertThat(echo.roundTripsUnchanged(there, 30_000_000)).isTrue();
        assertThat(echo.roundTripsUnchanged(back, 30_000_000)).isTrue();
    }

    @Test
    void slowReaderDoesNotStallItsNeighbours() throws IOException {
        LoginSession session = connect(server());
        Forward forward = local();
        session.open(List.of(forward), TIME);
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                Socket socket = echo.open(forward);
                slow.add(socket);
                echo.flood(socket);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(echo.ask(forward)).isTrue();
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void connectionsInFlightFailAtOnceWhenTheConnectionBreaks() throws IOException {
        OpenSshServer server = server();
        LoginSession session = connect(server);
        Forward forward = local();
        session.open(List.of(forward), TIME);
        try (Socket socket = echo.open(forward)) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);

            server.killConnections();

            IOException failure = catchThrowableOfType(
                    IOException.class, () -> socket.getInputStream().read());
            assertThat(failure).hasMessageContaining("reset");
        }
    }

    /** It waits for nothing longer than a second; a machine with other things to do can need another try. */
    @Test
    void closesInTimeWhenThePeerIsDead() throws IOException {
        Duration took = closeWithDeadPeer();
        for (int i = 0; i < 3 && took.toSeconds() >= 2; i++) {
            took = closeWithDeadPeer();
        }
        assertThat(took).isLessThan(Duration.ofSeconds(2));
    }

    private Duration closeWithDeadPeer() throws IOException {
        OpenSshServer server = server();
        TunnelManager manager = server.manager().build();
        LoginSession session = manager.connect(server.route(), TIME);
        Forward there = local();
        session.open(List.of(there, remote()), TIME);
        try (Socket stuck = echo.open(there)) {
            server.suspend();
            echo.flood(stuck);
            long start = System.nanoTime();

            manager.close();

            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(listens(there)).isFalse();
            await().atMost(TIME)
                    .until(() -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().startsWith("jrm-")
                                    && thread.getName().contains(":" + server.port())));
            return took;
        } finally {
            server.resume();
        }
    }

    private static boolean listens(Forward forward) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), forward.bind().port()),
                    1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void findsDeadPeerAndComesBack() {
        OpenSshServer server = server();
        List<TunnelEvent> events = new CopyOnWriteArrayList<>();
        LoginSession session = manager(server.manager()
                        .onEvent(events::add)
                        .keepAlive(Duration.ofMillis(500))
                        .deadPeerTimeout(Duration.ofSeconds(2))
                        .attemptTimeout(Duration.ofSeconds(5)))
                .connect(server.route(), TIME);
        List<Tunnel> tunnels = session.open(List.of(local(), remote()), TIME);
        Tunnel there = tunnels.get(0);
        Tunnel back = tunnels.get(1);

        server.suspend();
        await().atMost(TIME).until(() -> kinds(events).contains(Kind.DISCONNECTED));

        assertThat(events)
                .filteredOn(event -> event.kind() == Kind.DISCONNECTED)
                .extracting(TunnelEvent::message)
                .first(STRING)
                .contains("nothing was heard");
        await().atMost(TIME).until(() -> there.state().isUp() && echo.ask(there.forward()));
        await().atMost(TIME).until(() -> String.valueOf(back.state().reason()).contains("an earlier connection"));
        server.resume();
        await().atMost(TIME).until(() -> back.state().isUp() && echo.ask(back.forward()));
    }
}
