package org.jlab.jiriaf.jrm.examples.benchmark;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jlab.jiriaf.jrm.node.JrmNode;
import org.jlab.jiriaf.jrm.node.MappedPort;
import org.jlab.jiriaf.jrm.script.BatchJob;
import org.jlab.jiriaf.jrm.script.BatchScriptRenderer;
import org.jlab.jiriaf.jrm.script.BatchScripts;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.site.SiteConfig;

/**
 * How long it takes to render the scripts of jobs of 1, 10, 100 and 1,000 nodes with four custom metrics ports each, and how
 * large they are.
 *
 * <p>Arguments: rounds (default 30).
 */
public final class RenderBenchmark {

    private static final int[] NODES = {1, 10, 100, 1000};
    private static final int CUSTOM_PORTS = 4;
    private static final String SITE = """
            slurm: {constraint: gpu&hbm80g, walltime: 12:00:00, qos: regular, account: m0000}
            jrm: {nodename: jrm-perlmutter, site: perlmutter, kubeconfig: /home/jrm/kubeconfig}
            ssh: {remote: login33}
            """;

    private RenderBenchmark() {}

    /**
     * Runs it.
     *
     * @param args rounds, optional
     */
    public static void main(String... args) {
        run(System.out, args.length > 0 ? Integer.parseInt(args[0]) : 30);
    }

    static void run(PrintStream out, int rounds) {
        BatchScriptRenderer renderer = new JrmScriptRenderer();
        out.printf("%6s %12s %12s %14s%n", "nodes", "median ms", "worst ms", "batch script");
        for (int nodes : NODES) {
            BatchJob job = job(nodes);
            int bytes = size(renderer.render(job));
            List<Double> millis = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                renderer.render(job);
                millis.add((System.nanoTime() - start) / 1e6);
            }
            Collections.sort(millis);
            out.printf(
                    Locale.ROOT,
                    "%6d %12.2f %12.2f %10d KiB%n",
                    nodes,
                    millis.get(rounds / 2),
                    millis.get(rounds - 1),
                    bytes / 1024);
        }
    }

    private static int size(BatchScripts scripts) {
        return scripts.batchScript().getBytes(StandardCharsets.UTF_8).length;
    }

    private static BatchJob job(int count) {
        List<JrmNode> nodes = IntStream.range(0, count)
                .mapToObj(node -> new JrmNode(
                        String.format(Locale.ROOT, "jrm-perlmutter-%08x", node),
                        10_000 + node,
                        "172.17.0.1",
                        IntStream.range(0, CUSTOM_PORTS)
                                .mapToObj(port -> new MappedPort(20_000 + CUSTOM_PORTS * node + port, 2221 + port))
                                .toList()))
                .toList();
        return new BatchJob(SiteConfig.parse(SITE, "benchmark"), nodes, 27017);
    }
}
