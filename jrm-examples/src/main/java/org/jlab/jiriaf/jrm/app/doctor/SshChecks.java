package org.jlab.jiriaf.jrm.app.doctor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.ssh.sshj.login.HopPlan;
import org.jlab.jiriaf.jrm.ssh.sshj.login.HopPlan.KeyFile;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jspecify.annotations.Nullable;

/** The way to the login node, and then what is found there. */
final class SshChecks implements AutoCloseable {

    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration SHORT_VALIDITY = Duration.ofHours(2);

    private final Supplier<SshjTunnelManager> managers;
    private final DeploymentPlan plan;
    private final SshRoute route;
    private final @Nullable LaunchpadChecks launchpad;
    private volatile @Nullable SshjTunnelManager manager;
    private volatile @Nullable LoginSession session;
    private volatile List<HopPlan> hops = List.of();

    SshChecks(Supplier<SshjTunnelManager> managers, DeploymentPlan plan, @Nullable LaunchpadChecks launchpad) {
        this.managers = managers;
        this.plan = plan;
        this.route = plan.site().ssh().route();
        this.launchpad = launchpad;
    }

    void run(Examination examination) throws InterruptedException {
        if (examination.check("ssh configuration", this::resolves)) {
            examination.check("ssh keys", this::keys);
        }
        boolean loggedIn = examination.check("ssh login", this::logsIn);
        LoginSession open = session;
        if (loggedIn && open != null) {
            new LoginNodeChecks(open, plan, launchpad).run(examination);
        } else {
            examination.skip(
                    "login node", "its forwards, ports, files and batch system cannot be looked at without a login");
        }
    }

    private Verdict resolves() {
        SshjTunnelManager opened = managers.get();
        manager = opened;
        hops = opened.plan(route);
        return Verdict.ok(hops.stream()
                .map(hop -> hop.user() + "@" + hop.address()
                        + (hop.address().host().equals(hop.hop().host())
                                ? ""
                                : " ('" + hop.hop().host() + "')")
                        + (hop.proxyCommand() == null ? "" : " through '" + hop.proxyCommand() + "'"))
                .collect(Collectors.joining(", then ")));
    }

    /** Two hops often have the same key. */
    private Verdict keys() {
        Set<KeyFile> keys = new LinkedHashSet<>();
        hops.forEach(hop -> keys.addAll(hop.keys()));
        if (keys.isEmpty()) {
            return Verdict.ok("no key file; " + (route.password() == null ? "an agent has to know one" : "a password"));
        }
        List<String> good = new ArrayList<>();
        Verdict worst = null;
        Instant now = Instant.now();
        for (KeyFile key : keys) {
            Verdict verdict = judge(key, now);
            good.add(verdict.message());
            if (worst == null || verdict.status().compareTo(worst.status()) > 0) {
                worst = verdict;
            }
        }
        return worst == null || worst.status() == Finding.Status.OK ? Verdict.ok(String.join("; ", good)) : worst;
    }

    private Verdict judge(KeyFile key, Instant now) {
        String fault = key.fault();
        if (fault != null) {
            // Of those that are only tried because they lie there, another may do.
            return key.file().equals(route.key()) ? Verdict.failure(fault) : Verdict.warning(fault);
        }
        Instant end = key.validUntil();
        Instant begin = key.validFrom();
        if (end == null) {
            return Verdict.ok("key " + key.file() + ", without a certificate");
        }
        String certificate = "certificate of " + key.file();
        if (now.isAfter(end)) {
            return Verdict.failure(certificate + " was valid until " + end
                    + ". Get a new one from the site (NERSC: sshproxy); jrm takes it up by itself");
        }
        if (begin != null && now.isBefore(begin)) {
            return Verdict.failure(certificate + " is valid only from " + begin + ". Check the clock of this host");
        }
        Duration left = Duration.between(now, end);
        String validity = certificate + " is valid for " + left.toHours() + " h " + left.toMinutesPart() + " min";
        return left.compareTo(SHORT_VALIDITY) < 0
                ? Verdict.warning(validity + ". Without it a broken connection is not repaired; renew it soon")
                : Verdict.ok(validity);
    }

    private Verdict logsIn() {
        SshjTunnelManager present = manager;
        if (present == null) {
            present = managers.get();
            manager = present;
        }
        session = present.connect(route, LOGIN_TIMEOUT);
        return Verdict.ok("logged in to " + route.describe() + "; the host keys are the known ones");
    }

    @Override
    public void close() {
        SshjTunnelManager open = manager;
        if (open != null) {
            open.close();
        }
    }
}
