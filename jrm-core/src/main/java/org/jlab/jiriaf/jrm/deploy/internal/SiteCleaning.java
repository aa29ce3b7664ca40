package org.jlab.jiriaf.jrm.deploy.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.journal.DeploymentRecord;
import org.jlab.jiriaf.jrm.script.NodePassword;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;

/**
 * Removes what deployments that are over have left at their sites: the password of their compute nodes, which a job that ended in
 * order has removed itself. What cannot be removed now keeps its record in the journal, so that a later pass finds it.
 */
final class SiteCleaning {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ObservedState seen;
    private final SiteSessions sessions;

    SiteCleaning(ObservedState seen, SiteSessions sessions) {
        this.seen = seen;
        this.sessions = sessions;
    }

    /**
     * Cleans up.
     *
     * @param records deployments that are over
     * @return why something may be left, by name of the deployment
     */
    Map<String, JrmException> clean(List<DeploymentRecord> records) {
        Map<String, JrmException> left = new HashMap<>();
        Map<SshRoute, List<String>> names = new LinkedHashMap<>();
        for (DeploymentRecord record : records) {
            JobObservation job = seen.job(record);
            if (!record.nodePassword() || !wasAsked(job)) {
                continue;
            }
            if (job.kind() == JobObservation.Kind.NO_ANSWER || job.kind() == JobObservation.Kind.NOBODY_TO_ASK) {
                left.put(record.name(), mayBeLeft(record.route(), record.name(), job.words(), true));
            } else {
                names.computeIfAbsent(record.route(), key -> new ArrayList<>()).add(record.name());
            }
        }
        names.forEach((route, deployments) -> left.putAll(clean(route, deployments)));
        return left;
    }

    /** Those that were not asked about ended in order, or there is nobody who could look. */
    private static boolean wasAsked(JobObservation job) {
        return !job.equals(JobObservation.NOT_ASKED);
    }

    private Map<String, JrmException> clean(SshRoute route, List<String> deployments) {
        try {
            return sessions.in(route, TIMEOUT, session -> {
                NodePassword.removeAll(session, deployments, TIMEOUT);
                return Map.of();
            });
        } catch (JrmException e) {
            return deployments.stream()
                    .collect(Collectors.toMap(
                            name -> name,
                            name -> mayBeLeft(route, name, String.valueOf(e.getMessage()), e.isTransient())));
        }
    }

    static JrmException mayBeLeft(SshRoute route, String deployment, String why, boolean isTransient) {
        return new JrmException(
                "the password of its compute nodes, " + NodePassword.path(deployment) + ", may still be on "
                        + route.describe() + ": " + why + "; a pass of clean-up removes it when this process can log"
                        + " in there, as when it holds another deployment of the site",
                null,
                isTransient);
    }
}
