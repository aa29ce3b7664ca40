package org.jlab.jiriaf.jrm.report;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;

/**
 * One port on the control plane behind which a JRM, or an application on its node, serves metrics.
 *
 * @param kind what answers there
 * @param address where Prometheus connects to
 * @param originalPort the port on the compute node
 * @param node name of the node
 * @param site site name
 * @param workflow id of the workflow
 */
public record ScrapeTarget(Kind kind, Endpoint address, int originalPort, String node, String site, int workflow) {

    /** What answers. */
    public enum Kind {
        /** The kubelet of a JRM. Its certificate is self-signed, so it cannot be verified. */
        KUBELET("https", "/metrics/resource"),
        /** An application on the node. */
        CUSTOM("http", "/metrics");

        private final String scheme;
        private final String path;

        Kind(String scheme, String path) {
            this.scheme = scheme;
            this.path = path;
        }

        /**
         * How it is asked.
         *
         * @return {@code https} or {@code http}
         */
        public String scheme() {
            return scheme;
        }

        /**
         * Where its metrics are.
         *
         * @return path of the URL
         */
        public String path() {
            return path;
        }
    }

    /**
     * The labels that each of its samples gets.
     *
     * @return {@code site}, {@code node}, {@code workflow} and {@code original_port}
     */
    public Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("site", site);
        labels.put("node", node);
        labels.put("workflow", Integer.toString(workflow));
        labels.put("original_port", Integer.toString(originalPort));
        return labels;
    }
}
