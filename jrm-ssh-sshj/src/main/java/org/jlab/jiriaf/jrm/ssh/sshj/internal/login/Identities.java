package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import com.hierynomus.sshj.userauth.certificate.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.userauth.keyprovider.KeyProvider;
import net.schmizz.sshj.userauth.method.AuthMethod;
import net.schmizz.sshj.userauth.method.AuthPublickey;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.ResolvedHop;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.config.Settings;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that are offered to a hop, in the order of {@code ssh}: certificates that are named, the agent's keys that an
 * identity file names, its other keys unless only identities are wanted, the other key files. Of an identity file the public
 * half is enough if the agent has the private one. A key file comes before its certificate.
 */
final class Identities {

    private static final Logger LOG = LoggerFactory.getLogger(Identities.class);

    /**
     * A key to offer.
     *
     * @param method offers it
     * @param name for messages
     * @param key the key file that it is from, or null if the agent signs
     */
    record Offer(AuthMethod method, String name, @Nullable UserKey key) {}

    /** What an identity file stands for; without an offer the agent has to have the key. */
    private record Named(
            Path file, PublicHalf half, @Nullable Offer offer) {}

    private final SshRoute route;
    private final ResolvedHop hop;
    private final SSHClient client;
    private final Settings settings;
    private final List<Named> named = new ArrayList<>();
    private final List<SshAgent.Key> agentKeys = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private @Nullable TunnelException unusable;

    Identities(SshRoute route, ResolvedHop hop, SSHClient client, Settings settings) {
        this.route = route;
        this.hop = hop;
        this.client = client;
        this.settings = settings;
    }

    /** What could not be offered, and why. */
    List<String> leftOut() {
        return leftOut;
    }

    List<Offer> collect() {
        askAgent();
        Authentication.keyFiles(route, hop).forEach(this::addFile);
        List<Offer> offers = new ArrayList<>(certificates());
        List<Offer> others = new ArrayList<>();
        for (SshAgent.Key key : agentKeys) {
            Optional<Named> match = named.stream()
                    .filter(name -> name.half().equals(key.half()))
                    .findFirst();
            match.ifPresent(named::remove);
            if (match.isPresent()) {
                Offer offer = match.get().offer();
                offers.add(offer != null ? offer : offer(key, match.get().file() + " of the agent"));
            } else if (!hop.identitiesOnly() && route.key() == null) {
                others.add(offer(key, key.comment() + " of the agent"));
            }
        }
        offers.addAll(others);
        named.forEach(name -> addRest(name, offers));
        if (offers.isEmpty() && unusable != null) {
            throw unusable;
        }
        return offers;
    }

    private void addRest(Named name, List<Offer> offers) {
        if (name.offer() != null) {
            offers.add(name.offer());
        } else {
            leftOut.add("not " + name.file() + " (only its public half is here, and no agent has the private one)");
        }
    }

    private void askAgent() {
        Path socket = hop.agent();
        if (socket == null) {
            return;
        }
        try {
            agentKeys.addAll(new SshAgent(socket).keys());
        } catch (IOException e) {
            // SSH_AUTH_SOCK often outlives its agent; the other methods may do.
            LOG.debug("no keys from the agent at {}", socket, e);
            leftOut.add("no keys from the agent at " + socket + " (" + SshFailureTranslator.message(e) + ")");
        }
    }

    private static Offer offer(SshAgent.Key key, String name) {
        return new Offer(key.method(key.half()), "key " + name, null);
    }

    private void addFile(Path file) {
        try {
            addPrivate(UserKey.load(client, hop, file, settings.passphrases()));
        } catch (TunnelException e) {
            Optional<PublicHalf> half = PublicHalf.beside(file);
            half.ifPresent(plain -> addPublic(file, plain));
            boolean withAgent = half.isPresent() && agentKey(half.get()).isPresent();
            if (!withAgent && file.equals(route.key())) {
                unusable = e;
            }
            if (!withAgent && Files.isReadable(file)) {
                // One of the files that are tried because they are there.
                LOG.debug("{} is left out", file, e);
                leftOut.add("not " + file + " (" + e.getMessage() + ")");
                named.removeIf(name -> name.file().equals(file) && name.offer() == null);
            }
        }
    }

    private void addPrivate(UserKey key) {
        KeyProvider plain = key.plain();
        named.add(new Named(key.file(), key.publicHalf(), offer(plain, key, "key " + key.file())));
        Certificate<?> certificate = key.certified();
        if (certificate != null && hop.certificateFiles().isEmpty()) {
            named.add(new Named(key.file(), PublicHalf.of(certificate), offer(key.provider(), key, key.toString())));
        }
    }

    private void addPublic(Path file, PublicHalf plain) {
        named.add(new Named(file, plain, null));
        if (hop.certificateFiles().isEmpty()) {
            PublicHalf.in(Path.of(file + "-cert.pub"))
                    .ifPresent(certificate -> named.add(new Named(
                            file,
                            certificate,
                            agentKey(plain)
                                    .map(key -> certified(key, certificate, file + "-cert.pub"))
                                    .orElse(null))));
        }
    }

    private static Offer offer(KeyProvider provider, UserKey key, String name) {
        // One try for each key, as servers count: with another hash the answer to RSA is the same.
        AuthMethod once = new AuthPublickey(provider) {
            @Override
            public boolean shouldRetry() {
                return false;
            }
        };
        return new Offer(once, name, key);
    }

    private static Offer certified(SshAgent.Key key, PublicHalf certificate, String file) {
        return new Offer(key.method(certificate), "certificate " + file + " with its key of the agent", null);
    }

    private Optional<SshAgent.Key> agentKey(PublicHalf half) {
        return agentKeys.stream().filter(key -> key.half().equals(half)).findFirst();
    }

    /** Certificates that the configuration names, as far as there is a key for them. */
    private List<Offer> certificates() {
        List<Offer> offers = new ArrayList<>();
        for (Path file : hop.certificateFiles()) {
            PublicHalf.certificate(file)
                    .flatMap(certificate -> certificate(file, certificate))
                    .ifPresent(offers::add);
        }
        return offers;
    }

    private Optional<Offer> certificate(Path file, Certificate<?> certificate) {
        PublicHalf plain = PublicHalf.of(certificate.getKey());
        for (Named name : named) {
            UserKey key = name.offer() == null ? null : name.offer().key();
            if (key != null && name.half().equals(plain)) {
                UserKey certified = key.with(file, certificate);
                return Optional.of(offer(certified.provider(), certified, certified.toString()));
            }
        }
        return agentKey(plain).map(key -> certified(key, PublicHalf.of(certificate), file.toString()));
    }
}
