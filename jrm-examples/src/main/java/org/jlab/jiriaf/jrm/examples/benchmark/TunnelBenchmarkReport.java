package org.jlab.jiriaf.jrm.examples.benchmark;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jlab.jiriaf.jrm.examples.benchmark.SshPeers.Kind;

/** Prints the medians of {@link TunnelBenchmark} as they come, and at the end all of them beside jrm's aims. */
final class TunnelBenchmarkReport {

    private final List<String> summary = new ArrayList<>();

    /** Prints on what it is measured. */
    void printMachine() {
        System.out.printf(
                Locale.ROOT,
                "%d processors, load average %.1f, JVM %s%n",
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.version());
    }

    /** Prints the medians of one part. */
    void add(String title, String columns, Map<Kind, List<double[]>> results) {
        System.out.printf("%n%s%n%-18s %s%n", title, "", columns);
        results.forEach((kind, values) -> {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < values.get(0).length; column++) {
                line.append(String.format(Locale.ROOT, "%14.2f", median(values, column)));
            }
            System.out.printf("%-18s %s%n", name(kind), line);
        });
    }

    /**
     * Notes a figure for the summary.
     *
     * @param title what it is
     * @param results of all rounds
     * @param column which of them
     * @param peer what jrm is compared with
     * @param aim in words
     */
    void compare(String title, Map<Kind, List<double[]>> results, int column, Kind peer, String aim) {
        double own = median(results.getOrDefault(Kind.JRM, List.of()), column);
        double other = median(results.getOrDefault(peer, List.of()), column);
        summary.add(String.format(
                Locale.ROOT, "%-36s %12.2f %12.2f %-8s %8.2f   %s", title, own, other, name(peer), own / other, aim));
    }

    /** Prints all figures that were noted. */
    void printSummary() {
        System.out.printf("%n%-36s %12s %12s %-8s %8s   %s%n", "All in all", "jrm", "peer", "", "ratio", "aim");
        summary.forEach(System.out::println);
    }

    private static String name(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static double median(List<double[]> values, int column) {
        double[] sorted =
                values.stream().mapToDouble(value -> value[column]).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
