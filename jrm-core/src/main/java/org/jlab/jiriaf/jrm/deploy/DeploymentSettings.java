package org.jlab.jiriaf.jrm.deploy;

import java.time.Duration;
import org.jlab.jiriaf.jrm.internal.Checks;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;

/**
 * What a deployer needs to know of its own side, the control plane. Immutable; start from {@link #DEFAULTS} and change what
 * differs.
 *
 * @param launchpad where the LaunchPad is reached from this host; the site reaches it under the same port. Default
 *     {@code localhost:27017}
 * @param apiserverHost host of the Kubernetes API server as seen from this host; its port is the site's
 *     {@code jrm.apiserver_port}. Default {@code localhost}
 * @param bindAddress address on which the metrics forwards listen. Default {@code *}, every address, because metrics-server
 *     and Prometheus in containers come from outside; give an address to be narrower
 * @param kubeletPorts where kubelet ports come from. Default 10000-19999
 * @param customMetricsPorts where mapped custom metrics ports come from. Default 20000-49999
 * @param leaseValidity how long a port lease lasts unless it is renewed; renewed after a third of it. Default 1 hour
 * @param reconcileInterval how often {@link JrmDeployer#reconcile()} and {@link JrmDeployer#resume} happen by themselves, the
 *     first time when the deployer is built. Default zero, never: for a process that lives as long as a command. A service takes
 *     20 s or so
 * @param cordonBefore how long before their walltime ends nodes take no new pods, but in its second half at the earliest; a pass
 *     of clean-up sees to it. Default 10 minutes; zero for never
 * @param drainBefore how long before their walltime ends nodes are drained, but in its last quarter at the earliest. Default 5
 *     minutes; zero for never
 */
public record DeploymentSettings(
        Endpoint launchpad,
        String apiserverHost,
        String bindAddress,
        PortRange kubeletPorts,
        PortRange customMetricsPorts,
        Duration leaseValidity,
        Duration reconcileInterval,
        Duration cordonBefore,
        Duration drainBefore) {

    /** The defaults. */
    public static final DeploymentSettings DEFAULTS = new DeploymentSettings(
            Endpoint.localhost(27017),
            "localhost",
            "*",
            PortRange.KUBELET,
            PortRange.CUSTOM_METRICS,
            Duration.ofHours(1),
            Duration.ZERO,
            Duration.ofMinutes(10),
            Duration.ofMinutes(5));

    /** Checks. */
    public DeploymentSettings {
        Checks.notBlank(apiserverHost, "apiserverHost");
        Checks.notBlank(bindAddress, "bindAddress");
        if (leaseValidity.compareTo(Duration.ofSeconds(10)) < 0) {
            throw new IllegalArgumentException("leaseValidity must be at least 10 s, not " + leaseValidity);
        }
        requireNotNegative(reconcileInterval, "reconcileInterval");
        requireNotNegative(cordonBefore, "cordonBefore");
        requireNotNegative(drainBefore, "drainBefore");
    }

    /**
     * Changes where the LaunchPad is.
     *
     * @param endpoint host and port as seen from this host
     * @return changed settings
     */
    public DeploymentSettings withLaunchpad(Endpoint endpoint) {
        return new DeploymentSettings(
                endpoint,
                apiserverHost,
                bindAddress,
                kubeletPorts,
                customMetricsPorts,
                leaseValidity,
                reconcileInterval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes where the API server is.
     *
     * @param host host as seen from this host
     * @return changed settings
     */
    public DeploymentSettings withApiserverHost(String host) {
        return new DeploymentSettings(
                launchpad,
                host,
                bindAddress,
                kubeletPorts,
                customMetricsPorts,
                leaseValidity,
                reconcileInterval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes where metrics forwards listen.
     *
     * @param address an address of this host, or {@code *} for all
     * @return changed settings
     */
    public DeploymentSettings withBindAddress(String address) {
        return new DeploymentSettings(
                launchpad,
                apiserverHost,
                address,
                kubeletPorts,
                customMetricsPorts,
                leaseValidity,
                reconcileInterval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes where ports come from.
     *
     * @param kubelet range of kubelet ports
     * @param customMetrics range of mapped custom metrics ports
     * @return changed settings
     */
    public DeploymentSettings withPortRanges(PortRange kubelet, PortRange customMetrics) {
        return new DeploymentSettings(
                launchpad,
                apiserverHost,
                bindAddress,
                kubelet,
                customMetrics,
                leaseValidity,
                reconcileInterval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes how long leases last.
     *
     * @param validity at least 10 s
     * @return changed settings
     */
    public DeploymentSettings withLeaseValidity(Duration validity) {
        return new DeploymentSettings(
                launchpad,
                apiserverHost,
                bindAddress,
                kubeletPorts,
                customMetricsPorts,
                validity,
                reconcileInterval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes how often clean-up happens by itself.
     *
     * @param interval time between two passes; zero for never
     * @return changed settings
     */
    public DeploymentSettings withReconcileInterval(Duration interval) {
        return new DeploymentSettings(
                launchpad,
                apiserverHost,
                bindAddress,
                kubeletPorts,
                customMetricsPorts,
                leaseValidity,
                interval,
                cordonBefore,
                drainBefore);
    }

    /**
     * Changes when nodes are prepared for the end of their walltime.
     *
     * @param cordon how long before it they take no new pods; zero for never
     * @param drain how long before it they are drained; zero for never
     * @return changed settings
     */
    public DeploymentSettings withEndOfWalltime(Duration cordon, Duration drain) {
        return new DeploymentSettings(
                launchpad,
                apiserverHost,
                bindAddress,
                kubeletPorts,
                customMetricsPorts,
                leaseValidity,
                reconcileInterval,
                cordon,
                drain);
    }

    private static void requireNotNegative(Duration duration, String name) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative, not " + duration);
        }
    }
}
