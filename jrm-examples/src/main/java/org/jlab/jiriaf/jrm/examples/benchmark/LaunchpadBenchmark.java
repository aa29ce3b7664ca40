package org.jlab.jiriaf.jrm.examples.benchmark;

import com.mongodb.client.MongoClient;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.examples.embedded.MongoVersion44;
import org.jlab.jiriaf.jrm.store.mongo.LaunchpadConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;

/**
 * Adds, lists and deletes workflows with jrm, and with Python FireWorks beside it on the same server, in one run.
 *
 * <pre>{@code
 * java -cp jrm-examples/target/jrm.jar org.jlab.jiriaf.jrm.examples.benchmark.LaunchpadBenchmark \
 *     [PYTHON DRIVER]...
 * }</pre>
 *
 * where PYTHON is the interpreter of an environment with FireWorks and DRIVER is {@code
 * jrm-store-mongo/src/test/python/launchpad_driver.py}. Without them only jrm is measured. The server is mongo-java-server's
 * memory backend in this process; what is compared is the clients.
 */
public final class LaunchpadBenchmark {

    private static final int SINGLE = 300;
    private static final int BULK = 1000;
    private static final int TABLE = 1000;
    private static final int LARGE_TABLE = 10_000;
    private static final int WARM_UP = 300;
    private static final int RUNS = 3;
    private static final String CONFIG = "my_launchpad.yaml";

    private final int port;

    private LaunchpadBenchmark(int port) {
        this.port = port;
    }

    /**
     * Runs the benchmark.
     *
     * @param args pairs of a Python interpreter and the driver script
     * @throws IOException if a process cannot be started
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        MongoServer server = new MongoServer(new MemoryBackend().version(new MongoVersion44()));
        try {
            LaunchpadBenchmark benchmark = new LaunchpadBenchmark(server.bind().getPort());
            benchmark.jrm("warm-up", WARM_UP);
            print("jrm", benchmark.jrm("jrm", SINGLE));
            for (int i = 0; i + 1 < args.length; i += 2) {
                print(args[i], benchmark.fireworks("fireworks" + i, args[i], args[i + 1]));
            }
        } finally {
            server.shutdownNow();
        }
    }

    private static void print(String who, Map<String, Double> milliseconds) {
        System.out.println(who);
        milliseconds.forEach((what, value) -> System.out.printf(Locale.ROOT, "  %-34s %10.3f ms%n", what, value));
    }

    private Map<String, Double> jrm(String database, int single) {
        Map<String, Double> results = new TreeMap<>();
        try (MongoClient client =
                LaunchpadConfig.of("127.0.0.1", port, database).open()) {
            MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database));
            results.put("add, each of " + single, best(() -> each(single, i -> store.add(draft(i)))));
            List<Integer> all = store.list(WorkflowFilter.ALL).stream()
                    .map(workflow -> workflow.id())
                    .toList();
            List<Integer> some = all.subList(0, Math.min(single, all.size()));
            results.put("delete, each of " + single, each(some.size(), i -> store.delete(some.get(i))));
            all.subList(some.size(), all.size()).forEach(store::delete);
            results.put("add " + BULK + " in one call", millis(() -> store.addAll(drafts(BULK))));
            results.put("table of " + TABLE, best(() -> millis(() -> store.list(WorkflowFilter.ALL))));
            while (store.list(WorkflowFilter.ALL).size() < LARGE_TABLE) {
                store.addAll(drafts(BULK));
            }
            results.put("table of " + LARGE_TABLE, best(() -> millis(() -> store.list(WorkflowFilter.ALL))));
            client.getDatabase(database).drop();
        }
        return results;
    }

    private Map<String, Double> fireworks(String database, String python, String driver)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("jrm-benchmark");
        try {
            Files.writeString(
                    folder.resolve(CONFIG),
                    "host: 127.0.0.1\nport: " + port + "\nname: " + database + "\nstrm_lvl: ERROR\n");
            try (MongoClient client =
                    LaunchpadConfig.of("127.0.0.1", port, database).open()) {
                // Sets the database up as 'lpad reset' would.
                MongoWorkflowStore store = new MongoWorkflowStore(client.getDatabase(database));
                store.delete(store.add(draft(0)));
            }
            Map<String, Double> results = new TreeMap<>();
            results.put("add, each of " + SINGLE, run(python, driver, folder, "add", SINGLE) / SINGLE);
            results.put("delete, each of " + SINGLE, run(python, driver, folder, "delete", 2, SINGLE) / SINGLE);
            results.put("add " + BULK + " in one call", run(python, driver, folder, "bulk_add", BULK));
            results.put("table of " + TABLE, run(python, driver, folder, "table"));
            return results;
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static double run(String python, String driver, Path folder, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(python, driver, folder.resolve(CONFIG).toString()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed: " + output);
        }
        String last = output.lines().reduce("", (earlier, later) -> later);
        return 1000 * Double.parseDouble(last.split(" ", 2)[0]);
    }

    @FunctionalInterface
    private interface Numbered {
        void run(int number);
    }

    private static double each(int count, Numbered work) {
        return millis(() -> IntStream.range(0, count).forEach(work::run)) / count;
    }

    private static double millis(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double best(DoubleSupplier measurement) {
        return IntStream.range(0, RUNS)
                .mapToDouble(run -> measurement.getAsDouble())
                .min()
                .orElseThrow();
    }

    private static List<WorkflowDraft> drafts(int count) {
        return IntStream.range(0, count).mapToObj(LaunchpadBenchmark::draft).toList();
    }

    /** As the driver script makes them: two nodes, scripts of some kilobytes. */
    private static WorkflowDraft draft(int number) {
        String name = "j" + number;
        String script = "echo a line of a node script of some length\n".repeat(40);
        List<ScriptTask> tasks = new ArrayList<>();
        List<SshInfo.Entry> forwards = new ArrayList<>();
        for (int node = 0; node < 2; node++) {
            tasks.add(new ScriptTask("cat << 'EOF' > n" + node + ".sh\n" + script + "\nEOF"));
            tasks.add(new ScriptTask("chmod +x n" + node + ".sh"));
            forwards.add(new SshInfo.Entry(
                    "open", "ssh -NfL *:10001:localhost:10001 login04", "jump", "login04", "n" + node, 10001, null));
        }
        return new WorkflowDraft(
                name,
                "bench",
                new QueueSettings(name, "00:05:00", 2, null, null, null, null, null),
                tasks,
                new JrmsInfo(
                        List.of("n0", "n1"),
                        List.of(10001, 10002),
                        6443,
                        "k",
                        "cp",
                        List.of(),
                        "bench",
                        "i",
                        new TreeMap<>()),
                new SshInfo(forwards, null, null, List.of()),
                Map.of());
    }
}
