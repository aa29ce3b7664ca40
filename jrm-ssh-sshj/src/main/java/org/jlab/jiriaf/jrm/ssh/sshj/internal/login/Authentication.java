package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.Service;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.userauth.UserAuthException;
import net.schmizz.sshj.userauth.method.AuthKeyboardInteractive;
import net.schmizz.sshj.userauth.method.AuthMethod;
import net.schmizz.sshj.userauth.method.AuthPassword;
import net.schmizz.sshj.userauth.password.PasswordFinder;
import net.schmizz.sshj.userauth.password.Resource;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in to one hop with what the route and the SSH configuration offer: key files with their certificates, the agent's
 * keys, the password, and answers to what the server asks. A server that wants several of them gets them in its order.
 */
public final class Authentication {

    private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

    private static final Pattern TOO_MANY = Pattern.compile(
            "too many .*(fail|attempt|tr(y|ies))|max(imum)? .*auth.*(tr|attempt)", Pattern.CASE_INSENSITIVE);

    private final SshRoute route;
    private final ResolvedHop hop;
    private final SSHClient client;
    private final Settings settings;
    private final LoginAnswers answers;
    private final Map<AuthMethod, String> untried = new LinkedHashMap<>();
    private final Map<AuthMethod, UserKey> keys = new LinkedHashMap<>();
    private final List<String> offered = new ArrayList<>();
    private int keysOffered;
    private volatile @Nullable String goodbye;

    public Authentication(SshRoute route, ResolvedHop hop, SSHClient client, Settings settings, LoginAnswers answers) {
        this.route = route;
        this.hop = hop;
        this.client = client;
        this.settings = settings;
        this.answers = answers;
    }

    /** Logs in, or says why that is impossible. Returns the key file that did it, if one did. */
    public Optional<UserKey> logIn(int timeoutMillis) throws SSHException {
        collectMethods();
        client.getTransport().setDisconnectListener((reason, words) -> goodbye = words);
        Collection<String> allowed = List.of();
        Optional<UserKey> accepted = Optional.empty();
        while (true) {
            AuthMethod method = next(allowed);
            if (method == null) {
                throw refused();
            }
            boolean partialBefore = client.getUserAuth().hadPartialSuccess();
            if (attempt(method, timeoutMillis)) {
                return keys.containsKey(method) ? Optional.of(keys.get(method)) : accepted;
            }
            if (!partialBefore && client.getUserAuth().hadPartialSuccess()) {
                accepted = Optional.ofNullable(keys.get(method));
            }
            // A method that is not asked for yet stays: a server that wants several may ask for it later.
            allowed = client.getUserAuth().getAllowedMethods();
            if (allowed.isEmpty()
                    || allowed.contains(method.getName())
                    || partialBefore != client.getUserAuth().hadPartialSuccess()) {
                untried.remove(method);
            }
        }
    }

    private @Nullable AuthMethod next(Collection<String> allowed) {
        return untried.keySet().stream()
                .filter(method -> allowed.isEmpty() || allowed.contains(method.getName()))
                .findFirst()
                .orElse(null);
    }

    private boolean attempt(AuthMethod method, int timeoutMillis) throws SSHException {
        keysOffered += method.getName().equals("publickey") ? 1 : 0;
        offered.add(untried.getOrDefault(method, method.getName()));
        method.setLoggerFactory(client.getTransport().getConfig().getLoggerFactory());
        try {
            return client.getUserAuth()
                    .authenticate(hop.user(), (Service) client.getConnection(), method, timeoutMillis);
        } catch (SSHException e) {
            if (isTooMany(e)) {
                throw tooMany(e);
            }
            if (!client.getTransport().isRunning() || !(e instanceof UserAuthException)) {
                throw e;
            }
            LOG.debug("{} at {} failed", method.getName(), hop, e);
            return false;
        }
    }

    private void collectMethods() {
        Identities identities = new Identities(route, hop, client, settings);
        for (Identities.Offer offer : identities.collect()) {
            untried.put(offer.method(), offer.name());
            if (offer.key() != null) {
                keys.put(offer.method(), offer.key());
            }
        }
        offered.addAll(identities.leftOut());
        Secret password = route.password();
        if (password != null) {
            untried.put(new AuthPassword(once(password)), "the password");
        }
        untried.put(new AuthKeyboardInteractive(answers.forHop(hop, password)), "answers to its questions");
    }

    /** The key files that are offered at a hop, as far as there are such. */
    public static List<Path> keyFiles(SshRoute route, ResolvedHop hop) {
        Path key = route.key();
        if (key != null && hop.given().equals(route.login())) {
            return List.of(key);
        }
        List<Path> files = new ArrayList<>(hop.identityFiles());
        if (key != null && !files.contains(key)) {
            files.add(0, key);
        }
        return files;
    }

    /** OpenSSH's words, and those of others: the protocol has no code for it. */
    private boolean isTooMany(SSHException failure) {
        String words = goodbye + " " + SshFailureTranslator.message(failure) + " " + failure.getMessage();
        return TOO_MANY.matcher(words).find();
    }

    private TunnelException tooMany(SSHException cause) {
        return SshFailureTranslator.failure(
                Reason.AUTHENTICATION_REFUSED,
                hop + " ended the log-in after too many failures: " + keysOffered
                        + " keys were offered, and it takes no"
                        + " more tries (MaxAuthTries of sshd). Offered: " + String.join("; ", offered)
                        + ". Offer the right key alone: 'IdentitiesOnly yes' with its IdentityFile in the SSH"
                        + " configuration of the host, or ssh.ssh_key of the site file",
                cause);
    }

    private TunnelException refused() {
        Instant now = Instant.now();
        for (UserKey key : keys.values()) {
            String invalid = key.invalidity(now);
            if (invalid != null) {
                return SshFailureTranslator.failure(
                        Reason.CERTIFICATE_EXPIRED, "Cannot log in to " + hop + ": " + invalid, null);
            }
        }
        String allowed = String.join(", ", client.getUserAuth().getAllowedMethods());
        return SshFailureTranslator.failure(
                Reason.AUTHENTICATION_REFUSED,
                hop + " refuses the log-in. Offered: "
                        + (offered.isEmpty() ? "nothing, for there is no key" : String.join("; ", offered))
                        + ". The server takes: " + (allowed.isEmpty() ? "(it did not say)" : allowed)
                        + ". Check the user name, the key, and that the key is authorized there",
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
