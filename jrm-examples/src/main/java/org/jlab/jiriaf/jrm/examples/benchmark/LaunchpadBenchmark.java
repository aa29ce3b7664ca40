package org.jlab.jiriaf.jrm.examples.benchmark;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.sun.management.ThreadMXBean;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jlab.jiriaf.jrm.app.demo.embedded.MongoVersion44;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadConfig;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jspecify.annotations.Nullable;

/**
 * Adds, lists and deletes workflows with jrm, and with Python FireWorks beside it on the same server, in one run.
 *
 * <pre>{@code
 * java -cp jrm-examples/target/jrm.jar org.jlab.jiriaf.jrm.examples.benchmark.LaunchpadBenchmark \
 *     [DRIVER PYTHON...]
 * }</pre>
 *
 * where DRIVER is {@code jrm-store-mongo/src/test/python/launchpad_driver.py} and each PYTHON the interpreter of an
 * environment with FireWorks. Without them only jrm is measured. The server is mongo-java-server's memory backend in this
 * process; what is compared is the clients. "Driver alone" inserts, finds and deletes the same documents without taking ids, and
 * without the order that keeps a crash from leaving halves: what this server and the network cost at the least. All take turns,
 * round by round, after rounds that warm up, as in a service that has run for a while; the median is shown.
 */
public final class LaunchpadBenchmark {

    private static final int SINGLE = 300;
    private static final int BULK = 1000;
    private static final int LARGE_TABLE = 10_000;
    private static final int ROUNDS = 9;
    private static final int TABLES = 10;
    private static final int WARM_UP = 25;
    private static final String CONFIG = "my_launchpad.yaml";

    private static final String ADD = "add, each of " + SINGLE;
    private static final String DELETE = "delete, each of " + SINGLE;
    private static final String ADD_ALL = "add " + BULK + " in one call";
    private static final String TABLE = "table of " + BULK;

    private static final String DRIVER = "driver alone";

    /** What a table of jrm shows. */
    private static final Bson TABLE_FIELDS =
            Projections.include("fw_id", "state", "launches", "updated_on", "spec.jrms_info", "spec.ssh_info");

    private static final String LINE = "echo a line of a node script of some length\n";

    private final int port;
    private final Map<String, Map<String, List<Double>>> results = new LinkedHashMap<>();

    private LaunchpadBenchmark(int port) {
        this.port = port;
    }

    /**
     * Runs the benchmark.
     *
     * @param args the driver script and Python interpreters
     * @throws IOException if a process cannot be started
     * @throws InterruptedException if interrupted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        MongoServer server = new MongoServer(new MemoryBackend().version(new MongoVersion44()));
        try {
            LaunchpadBenchmark benchmark = new LaunchpadBenchmark(server.bind().getPort());
            for (int round = 0; round < WARM_UP; round++) {
                benchmark.jrm("warm" + round);
                benchmark.driver("warm_driver" + round);
            }
            benchmark.results.clear();
            for (int round = 0; round < ROUNDS; round++) {
                benchmark.jrm("jrm" + round);
                benchmark.driver("driver" + round);
                for (int i = 1; i < args.length; i++) {
                    benchmark.fireworks(args[i], Path.of(args[0]).toAbsolutePath(), "fireworks" + i + "_" + round);
                }
            }
            benchmark.print();
            benchmark.printLargeTable();
            benchmark.printMemory();
        } finally {
            server.shutdownNow();
        }
    }

    private void print() {
        Map<String, List<Double>> jrm = results.getOrDefault("jrm", Map.of());
        results.forEach((who, measured) -> {
            System.out.println(who);
            measured.forEach((what, values) -> System.out.printf(
                    Locale.ROOT, "  %-24s %10.3f ms%s%n", what, median(values), compared(jrm, measured, what)));
        });
    }

    /** Adding many in one call is also compared with adding them one by one, as FireWorks' users do. */
    private static String compared(Map<String, List<Double>> jrm, Map<String, List<Double>> other, String what) {
        if (jrm == other) {
            return "";
        }
        double jrmTakes = median(jrm.get(what));
        String compared = String.format(Locale.ROOT, "  jrm: %.1f times as fast", median(other.get(what)) / jrmTakes);
        return what.equals(ADD_ALL)
                ? compared
                        + String.format(
                                Locale.ROOT, "; as one by one: %.1f times", BULK * median(other.get(ADD)) / jrmTakes)
                : compared;
    }

    private static double median(@Nullable List<Double> values) {
        List<Double> sorted =
                values == null ? List.of(Double.NaN) : values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private void note(String who, String what, double milliseconds) {
        results.computeIfAbsent(who, key -> new LinkedHashMap<>())
                .computeIfAbsent(what, key -> new ArrayList<>())
                .add(milliseconds);
    }

    private void jrm(String database) {
        withStore(database, store -> {
            setUp(store);
            List<WorkflowDraft> drafts = drafts(BULK);
            List<Integer> ids = new ArrayList<>();
            note(
                    "jrm",
                    ADD,
                    millis(() -> drafts.subList(0, SINGLE).forEach(draft -> ids.add(store.add(draft)))) / SINGLE);
            note("jrm", DELETE, millis(() -> ids.forEach(store::delete)) / SINGLE);
            note("jrm", ADD_ALL, millis(() -> store.addAll(drafts)));
            for (int i = 0; i < TABLES; i++) {
                note("jrm", TABLE, millis(() -> store.list(WorkflowFilter.ALL)));
            }
        });
    }

    private void driver(String database) {
        List<Document> fireworks = new ArrayList<>();
        List<Document> workflows = new ArrayList<>();
        with(database + "_of_jrm", (store, documents) -> {
            store.addAll(drafts(BULK));
            documents.getCollection("fireworks").find().into(fireworks);
            documents.getCollection("workflows").find().into(workflows);
        });
        with(database, (store, documents) -> {
            setUp(store);
            MongoCollection<Document> into = documents.getCollection("fireworks");
            MongoCollection<Document> alsoInto = documents.getCollection("workflows");
            List<Integer> firstOnes = IntStream.range(0, SINGLE).boxed().toList();
            note(
                    DRIVER,
                    ADD,
                    millis(() -> firstOnes.forEach(i -> {
                                into.insertOne(fireworks.get(i));
                                alsoInto.insertOne(workflows.get(i));
                            }))
                            / SINGLE);
            note(
                    DRIVER,
                    DELETE,
                    millis(() -> firstOnes.forEach(i -> {
                                into.deleteOne(
                                        Filters.eq("_id", fireworks.get(i).get("_id")));
                                alsoInto.deleteOne(
                                        Filters.eq("_id", workflows.get(i).get("_id")));
                            }))
                            / SINGLE);
            note(DRIVER, ADD_ALL, millis(() -> {
                into.insertMany(fireworks);
                alsoInto.insertMany(workflows);
            }));
            for (int i = 0; i < TABLES; i++) {
                note(DRIVER, TABLE, millis(() -> {
                    into.find().projection(TABLE_FIELDS).batchSize(BULK).into(new ArrayList<>());
                    alsoInto.find().batchSize(BULK).into(new ArrayList<>());
                }));
            }
        });
    }

    private void fireworks(String python, Path driver, String database) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("jrm-benchmark");
        try {
            Files.writeString(
                    folder.resolve(CONFIG),
                    "host: 127.0.0.1\nport: " + port + "\nname: " + database + "\nstrm_lvl: ERROR\n");
            withStore(database, LaunchpadBenchmark::setUp);
            note(python, ADD, run(python, driver, folder, "add", SINGLE) / SINGLE);
            note(python, DELETE, run(python, driver, folder, "delete", 2, SINGLE) / SINGLE);
            note(python, ADD_ALL, run(python, driver, folder, "bulk_add", BULK));
            note(python, TABLE, run(python, driver, folder, "table"));
        } finally {
            try (MongoClient client =
                    LaunchpadConfig.of("127.0.0.1", port, database).open()) {
                client.getDatabase(database).drop();
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** As 'lpad reset' does. */
    private static void setUp(MongoWorkflowStore store) {
        store.delete(store.add(draft(0, 1)));
    }

    private void printLargeTable() {
        withStore("large", store -> {
            for (int i = 0; i < LARGE_TABLE / BULK; i++) {
                store.addAll(drafts(BULK));
            }
            List<Double> times = IntStream.range(0, TABLES)
                    .mapToObj(i -> millis(() -> store.list(WorkflowFilter.ALL)))
                    .toList();
            System.out.printf(Locale.ROOT, "jrm%n  %-24s %10.3f ms%n", "table of " + LARGE_TABLE, median(times));
        });
    }

    private void printMemory() {
        for (int lines : List.of(40, 2000)) {
            withStore("memory", store -> {
                store.addAll(
                        IntStream.range(0, 100).mapToObj(i -> draft(i, lines)).toList());
                store.list(WorkflowFilter.ALL);
                long before = allocated();
                store.list(WorkflowFilter.ALL);
                System.out.printf(
                        Locale.ROOT,
                        "  table of 100, scripts of %3d kB: %d kB allocated%n",
                        2 * lines * LINE.length() / 1000,
                        (allocated() - before) / 1000);
            });
        }
    }

    /** Bytes that this thread has allocated; the server works in others. */
    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void withStore(String database, Consumer<MongoWorkflowStore> work) {
        with(database, (store, documents) -> work.accept(store));
    }

    private void with(String database, BiConsumer<MongoWorkflowStore, MongoDatabase> work) {
        try (MongoClient client =
                LaunchpadConfig.of("127.0.0.1", port, database).open()) {
            work.accept(new MongoWorkflowStore(client.getDatabase(database)), client.getDatabase(database));
            if (!database.startsWith("fireworks")) {
                client.getDatabase(database).drop();
            }
        }
    }

    private static double run(String python, Path driver, Path folder, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(python, driver.toString(), folder.resolve(CONFIG).toString()));
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

    private static double millis(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static List<WorkflowDraft> drafts(int count) {
        return IntStream.range(0, count).mapToObj(i -> draft(i, 40)).toList();
    }

    /** As the driver script makes them: two nodes, scripts of some kilobytes. */
    private static WorkflowDraft draft(int number, int lines) {
        String name = "j" + number;
        String script = LINE.repeat(lines);
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
