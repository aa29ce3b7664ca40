package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.link.SshLink;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.jspecify.annotations.Nullable;

/** The forwards that are wanted on one route: each once, however many hold it. Thread-safe. */
public final class ForwardTable {

    private final Map<Forward, HeldForward> forwards = new LinkedHashMap<>(); // guarded by this

    /** Shares the forward, or makes it and adds it to {@code fresh}. */
    public synchronized HeldForward acquire(
            Forward forward, Function<Forward, HeldForward> factory, List<HeldForward> fresh) {
        HeldForward present = forwards.get(forward);
        if (present != null) {
            present.hold();
            return present;
        }
        for (Forward other : forwards.keySet()) {
            if (other.direction() == forward.direction() && other.bind().equals(forward.bind())) {
                throw new TunnelException(
                        Reason.PORT_TAKEN,
                        forward,
                        "Cannot open " + forward + ": this connection already holds " + other
                                + ". Close that one first or choose another port",
                        null);
            }
        }
        HeldForward created = factory.apply(forward);
        forwards.put(forward, created);
        fresh.add(created);
        return created;
    }

    /** Lets go of forwards; returns those that nobody holds any more. */
    public synchronized List<HeldForward> release(List<HeldForward> held) {
        List<HeldForward> ended = new ArrayList<>();
        for (HeldForward forward : held) {
            if (forward.letGo()) {
                forwards.remove(forward.forward(), forward);
                ended.add(forward);
            }
        }
        return ended;
    }

    /** Takes a forward out, whoever holds it. */
    public synchronized void remove(HeldForward forward) {
        forwards.remove(forward.forward(), forward);
    }

    /** Takes all out. */
    public synchronized List<HeldForward> clear() {
        List<HeldForward> all = all();
        forwards.clear();
        return all;
    }

    public synchronized List<HeldForward> all() {
        return List.copyOf(forwards.values());
    }

    /** Finds the remote forward to which a connection on the login node came. */
    @Nullable
    RemoteForward find(ForwardedOpen open) {
        RemoteForward samePort = null;
        for (RemoteForward forward : remotes(all())) {
            if (forward.forward().bind().port() == open.port()) {
                if (SshLink.bindAddress(forward.forward().bind()).equals(open.address())) {
                    return forward;
                }
                samePort = forward;
            }
        }
        return samePort;
    }

    /** Those that listen on the login node. */
    public static List<RemoteForward> remotes(List<HeldForward> forwards) {
        return forwards.stream()
                .filter(RemoteForward.class::isInstance)
                .map(RemoteForward.class::cast)
                .toList();
    }
}
