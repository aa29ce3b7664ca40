package org.jlab.jiriaf.jrm.deploy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.journal.DeploymentForward;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.port.PortRange;
import org.jlab.jiriaf.jrm.script.BatchJob;
import org.jlab.jiriaf.jrm.site.CustomMetricsPort;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.ForwardPurpose;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;

/**
 * What a deployment will be: its nodes with all their ports, and the forwards that they need. Immutable.
 *
 * @param site the site
 * @param nodes the JRMs
 * @param settings where things listen
 */
public record DeploymentPlan(SiteConfig site, List<JrmNode> nodes, DeploymentSettings settings) {

    /** Copies. */
    public DeploymentPlan {
        nodes = List.copyOf(nodes);
    }

    /**
     * A plan to look at: made-up node names and the first ports of the ranges. Nothing is leased or opened, and the same site
     * always gives the same plan.
     *
     * @param site the site
     * @param settings where things listen
     * @return the plan
     */
    public static DeploymentPlan preview(SiteConfig site, DeploymentSettings settings) {
        int nodes = site.slurm().nodes();
        int custom = nodes * site.jrm().customMetricsPorts().size();
        return of(
                site,
                names(site, number -> String.format(Locale.ROOT, "%08x", number)),
                firstOf(settings.kubeletPorts(), nodes),
                firstOf(settings.customMetricsPorts(), custom),
                settings);
    }

    /** Node names: the prefix and eight hexadecimal digits. */
    public static List<String> names(SiteConfig site, IntFunction<String> digits) {
        return IntStream.range(0, site.slurm().nodes())
                .mapToObj(number -> site.jrm().nodename() + "-" + digits.apply(number))
                .toList();
    }

    /** Gives each node its kubelet port and as many mapped ports as there are custom metrics ports. */
    public static DeploymentPlan of(
            SiteConfig site,
            List<String> names,
            List<Integer> kubeletPorts,
            List<Integer> mappedPorts,
            DeploymentSettings settings) {
        Iterator<Integer> mapped = mappedPorts.iterator();
        List<JrmNode> nodes = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            List<MappedPort> customMetrics = site.jrm().customMetricsPorts().stream()
                    .map(custom -> new MappedPort(mapped.next(), custom.port()))
                    .toList();
            nodes.add(new JrmNode(names.get(i), kubeletPorts.get(i), site.jrm().vkubeletPodIp(i), customMetrics));
        }
        return new DeploymentPlan(site, nodes, settings);
    }

    private static List<Integer> firstOf(PortRange range, int count) {
        if (count > range.size()) {
            throw new IllegalArgumentException(
                    "The range " + range + " has " + range.size() + " ports; " + count + " are needed");
        }
        return IntStream.range(0, count).mapToObj(i -> range.first() + i).toList();
    }

    /**
     * The name of workflow, Firework and batch job, and the owner of the port leases.
     *
     * @return {@code <site>_<first node>}
     */
    public String name() {
        return job().name();
    }

    /**
     * The batch job of the plan.
     *
     * @return what a renderer needs
     */
    public BatchJob job() {
        return new BatchJob(site, nodes, settings.launchpad().port());
    }

    /**
     * The forward through which the site reaches the LaunchPad.
     *
     * @return a remote forward of the same port
     */
    public Forward launchpadForward() {
        return Forward.remote(Endpoint.localhost(settings.launchpad().port()), settings.launchpad());
    }

    /**
     * The forward through which the nodes reach the API server.
     *
     * @return a remote forward of the same port
     */
    public Forward apiserverForward() {
        int port = site.jrm().apiserverPort();
        return Forward.remote(Endpoint.localhost(port), new Endpoint(settings.apiserverHost(), port));
    }

    /**
     * The forward of a node's kubelet port.
     *
     * @param node the node
     * @return a local forward of the same port
     */
    public Forward kubeletForward(JrmNode node) {
        return Forward.local(
                new Endpoint(settings.bindAddress(), node.kubeletPort()), Endpoint.localhost(node.kubeletPort()));
    }

    /**
     * The forward of a custom metrics port. It ends at the mapped port, to which the node forwards the original one; or at the
     * original port, where the control plane reaches the node itself and the application keeps its port.
     *
     * @param port the port
     * @return a local forward of the mapped port
     */
    public Forward customMetricsForward(MappedPort port) {
        boolean kept = !site.jrm().profile().nodeTunnels()
                && site.jrm().customMetricsPorts().contains(new CustomMetricsPort(port.original(), true));
        return Forward.local(
                new Endpoint(settings.bindAddress(), port.mapped()),
                Endpoint.localhost(kept ? port.original() : port.mapped()));
    }

    /**
     * All forwards, with their purposes.
     *
     * @return LaunchPad, API server, then node by node kubelet and custom metrics
     */
    public List<DeploymentForward> forwards() {
        List<DeploymentForward> forwards = new ArrayList<>();
        forwards.add(new DeploymentForward(launchpadForward(), ForwardPurpose.LAUNCHPAD));
        forwards.add(new DeploymentForward(apiserverForward(), ForwardPurpose.API_SERVER));
        for (JrmNode node : nodes) {
            forwards.add(new DeploymentForward(kubeletForward(node), ForwardPurpose.metrics(node.name())));
            for (MappedPort port : node.customMetrics()) {
                forwards.add(new DeploymentForward(
                        customMetricsForward(port), ForwardPurpose.customMetrics(node.name(), port.original())));
            }
        }
        return forwards;
    }

    /**
     * What the workflow says of the JRMs.
     *
     * @return the value of {@code spec.jrms_info}
     */
    public JrmsInfo jrmsInfo() {
        SortedMap<Integer, Integer> mapped = new TreeMap<>();
        nodes.forEach(node -> node.customMetrics().forEach(port -> mapped.put(port.mapped(), port.original())));
        return new JrmsInfo(
                nodes.stream().map(JrmNode::name).toList(),
                nodes.stream().map(JrmNode::kubeletPort).toList(),
                site.jrm().apiserverPort(),
                site.jrm().kubeconfig(),
                site.jrm().controlPlaneIp(),
                nodes.stream().map(JrmNode::podIp).toList(),
                site.jrm().site(),
                site.jrm().image(),
                mapped);
    }
}
