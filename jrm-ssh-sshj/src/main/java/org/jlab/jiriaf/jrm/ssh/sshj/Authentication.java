package org.jlab.jiriaf.jrm.ssh.sshj;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.userauth.UserAuthException;
import net.schmizz.sshj.userauth.keyprovider.KeyProvider;
import net.schmizz.sshj.userauth.method.AuthKeyboardInteractive;
import net.schmizz.sshj.userauth.method.AuthMethod;
import net.schmizz.sshj.userauth.method.AuthPassword;
import net.schmizz.sshj.userauth.method.AuthPublickey;
import net.schmizz.sshj.userauth.method.PasswordResponseProvider;
import net.schmizz.sshj.userauth.password.PasswordFinder;
import net.schmizz.sshj.userauth.password.Resource;
import org.jlab.jiriaf.jrm.site.Secret;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** Logs in to one hop with what the route and the SSH configuration offer: keys with their certificates, then the password. */
final class Authentication {

    private final SshRoute route;
    private final ResolvedHop hop;
    private final SSHClient client;
    private final List<String> tried = new ArrayList<>();
    private @Nullable String expired;

    Authentication(SshRoute route, ResolvedHop hop, SSHClient client) {
        this.route = route;
        this.hop = hop;
        this.client = client;
    }

    /** Logs in, or says why that is impossible. */
    void logIn(int timeoutMillis) throws SSHException {
        List<AuthMethod> untried = methods();
        Collection<String> allowed = List.of();
        while (true) {
            AuthMethod method = next(untried, allowed);
            if (method == null) {
                throw refused();
            }
            if (attempt(method, timeoutMillis)) {
                return;
            }
            // A method that is not asked for yet stays: a server that wants several factors may ask for it later.
            allowed = client.getUserAuth().getAllowedMethods();
            if (allowed.isEmpty() || allowed.contains(method.getName())) {
                untried.remove(method);
            }
        }
    }

    private static @Nullable AuthMethod next(List<AuthMethod> untried, Collection<String> allowed) {
        return untried.stream()
                .filter(method -> allowed.isEmpty() || allowed.contains(method.getName()))
                .findFirst()
                .orElse(null);
    }

    private boolean attempt(AuthMethod method, int timeoutMillis) throws SSHException {
        method.setLoggerFactory(client.getTransport().getConfig().getLoggerFactory());
        try {
            return client.getUserAuth()
                    .authenticate(hop.user(), (net.schmizz.sshj.Service) client.getConnection(), method, timeoutMillis);
        } catch (UserAuthException e) {
            if (!client.getTransport().isRunning()) {
                throw e;
            }
            tried.add(method.getName() + " failed: " + e.getMessage());
            return false;
        }
    }

    private List<AuthMethod> methods() {
        List<AuthMethod> methods = new ArrayList<>();
        Path key = route.key();
        if (key != null) {
            methods.add(new AuthPublickey(load(key)));
        } else {
            for (Path identity : hop.identityFiles()) {
                if (Files.isReadable(identity)) {
                    methods.add(new AuthPublickey(load(identity)));
                }
            }
        }
        Secret password = route.password();
        if (password != null) {
            tried.add("a password");
            methods.add(new AuthPassword(once(password)));
            methods.add(new AuthKeyboardInteractive(new PasswordResponseProvider(once(password))));
        }
        if (methods.isEmpty()) {
            throw new TunnelException(
                    Reason.CONFIGURATION,
                    null,
                    "Nothing to log in to " + hop + " with: no key file is named or found, and no password is given",
                    null);
        }
        return methods;
    }

    private KeyProvider load(Path file) {
        if (!Files.isReadable(file)) {
            throw new TunnelException(
                    Reason.CONFIGURATION,
                    null,
                    "The key file " + file + " for " + hop + (Files.exists(file) ? " cannot be read" : " is missing"),
                    null);
        }
        try {
            KeyProvider provider = client.loadKeys(file.toString());
            PublicKey key = provider.getPublic();
            provider.getPrivate();
            tried.add("key " + file + (key instanceof Certificate ? " with its certificate" : ""));
            if (key instanceof Certificate<?> certificate) {
                checkValidity(file, certificate);
            }
            return provider;
        } catch (IOException | RuntimeException e) {
            throw new TunnelException(
                    Reason.CONFIGURATION,
                    null,
                    "The key file " + file + " for " + hop + " cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private void checkValidity(Path file, Certificate<?> certificate) {
        Instant now = Instant.now();
        Instant from = certificate.getValidAfter().toInstant();
        Instant until = certificate.getValidBefore().toInstant();
        if (now.isAfter(until)) {
            expired =
                    "the certificate " + file + "-cert.pub was valid until " + until + ". Get a new one from the site";
        } else if (now.isBefore(from)) {
            expired = "the certificate " + file + "-cert.pub is valid only from " + from;
        }
    }

    private TunnelException refused() {
        if (expired != null) {
            return new TunnelException(
                    Reason.CERTIFICATE_EXPIRED, null, "Cannot log in to " + hop + ": " + expired, null);
        }
        String allowed = String.join(", ", client.getUserAuth().getAllowedMethods());
        return new TunnelException(
                Reason.AUTHENTICATION_REFUSED,
                null,
                hop + " refuses the log-in. Offered: " + String.join("; ", tried) + ". The server takes: "
                        + (allowed.isEmpty() ? "(it did not say)" : allowed)
                        + ". Check user name, key and that the key is authorized there",
                null);
    }

    private static PasswordFinder once(Secret password) {
        return new PasswordFinder() {
            @Override
            public char[] reqPassword(Resource<?> resource) {
                return password.reveal().toCharArray();
            }

            @Override
            public boolean shouldRetry(Resource<?> resource) {
                return false;
            }
        };
    }
}
