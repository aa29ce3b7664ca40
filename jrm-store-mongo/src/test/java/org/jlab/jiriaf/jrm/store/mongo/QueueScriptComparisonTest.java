package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.script.QueueAdapter;
import org.jlab.jiriaf.jrm.script.QueueTemplate;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.store.mongo.QueueScriptInputs.Input;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The queue scripts of jrm and of FireWorks' own queue launcher, byte for byte, and which files both refuse. */
@Tag("fireworks")
class QueueScriptComparisonTest {

    private static final Path DRIVER =
            Path.of("src/test/python/queue_script_driver.py").toAbsolutePath();
    private static final int FIREWORK_ID = 7;
    private static final int GENERATED = 400;
    private static final String REFUSED = "refused";

    /** Where jrm refuses what FireWorks takes, or the reverse, on purpose. */
    private static final Map<String, String> DIFFERENCES = new TreeMap<>(Map.ofEntries(
            Map.entry("!!binary aGk=", "Python's b'hi' is of no use in a queue script"),
            Map.entry("!!set {a, b}", "Python prints it in any order"),
            Map.entry("!!omap [a: 1]", "of no use in a queue script"),
            Map.entry("\"\\ud83d\\ude00\"", "FireWorks fails to write half characters; YAML calls the two one"),
            Map.entry("merge and own twice", "FireWorks refuses a key twice, but not one that a merge has too"),
            Map.entry("%YAML 1.1", "12:00:00 becomes 43200; nobody means that"),
            Map.entry("next line", "ruamel.yaml alone ends a line there"),
            Map.entry("launch [singleshot]", "FireWorks adds the id letter by letter"),
            Map.entry("commands: empty list", "FireWorks documents a block; Python takes an empty list for one")));

    /** jrm follows 1.9.7, which the sites have. */
    private static final Set<String> DIFFERENT_IN_2 = Set.of(
            "2020-01-01T00:00:00Z",
            "2020-01-01 00:00:00 -5",
            "2020-01-01T00:00:00+02:00",
            "'2020-01-01T00:00:00Z'",
            "'20200101T00'");

    private final Path folder;

    QueueScriptComparisonTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"JRM_FIREWORKS_197", "JRM_FIREWORKS_NEW"})
    void makesTheScriptThatFireWorksSubmits(String variable) throws IOException {
        Path venv = FireworksCommands.venv(variable);
        List<Input> inputs = new ArrayList<>(QueueScriptInputs.handListed());
        inputs.addAll(QueueScriptInputs.generated(shippedTemplates(venv), GENERATED));
        List<String> theirs = scriptsOfFireWorks(venv, inputs);

        Set<String> different = new HashSet<>();
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            String ours = scriptOfJrm(input);
            boolean isExpected = DIFFERENCES.containsKey(input.label())
                    || (variable.endsWith("NEW") && DIFFERENT_IN_2.contains(input.label()));
            if (!ours.equals(theirs.get(i))) {
                different.add(input.label());
                if (!isExpected) {
                    faults.add(input.label() + "\n  FireWorks: " + theirs.get(i) + "\n  jrm: " + ours);
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(different).as("listed differences").containsAll(DIFFERENCES.keySet());
        assertThat(theirs)
                .as("scripts")
                .filteredOn(script -> !script.equals(REFUSED))
                .hasSizeGreaterThan(GENERATED);
    }

    private String scriptOfJrm(Input input) throws IOException {
        Path adapterFile =
                Files.write(folder.resolve(input.file()), Base64.getDecoder().decode(input.adapter()));
        Path templateFile =
                Files.write(folder.resolve("template.txt"), Base64.getDecoder().decode(input.template()));
        try {
            QueueAdapter adapter = QueueAdapter.read(adapterFile);
            return QueueTemplate.read(templateFile)
                    .fill(adapter.values(), input.stored(), FIREWORK_ID, folder.toString());
        } catch (SiteConfigException e) {
            assertThat(e.getMessage())
                    .doesNotContain("null", "Exception", "org.")
                    .hasSizeLessThan(1000);
            assertThat(e.getMessage()).contains(folder.toString());
            return REFUSED;
        }
    }

    private List<String> scriptsOfFireWorks(Path venv, List<Input> inputs) throws IOException {
        Path questions = folder.resolve("questions");
        try (Writer writer = Files.newBufferedWriter(questions)) {
            for (Input input : inputs) {
                writer.write(question(input).toJson() + "\n");
            }
        }
        ProcessBuilder builder = new ProcessBuilder(venv.resolve("bin/python").toString(), DRIVER.toString())
                .directory(folder.toFile())
                .redirectInput(questions.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> answers =
                    reader.lines().map(Document::parse).map(this::script).toList();
            assertThat(answers).hasSameSizeAs(inputs);
            return answers;
        } finally {
            process.destroyForcibly();
        }
    }

    private String script(Document answer) {
        String script = answer.getString("script");
        return script == null ? REFUSED : new String(Base64.getDecoder().decode(script), StandardCharsets.UTF_8);
    }

    private static Document question(Input input) {
        QueueSettings queue = input.stored();
        Document stored = new Document("job_name", queue.jobName()).append("nodes", queue.nodes());
        Document optional = new Document("walltime", queue.walltime())
                .append("qos", queue.qos())
                .append("account", queue.account())
                .append("constraint", queue.constraint())
                .append("reservation", queue.reservation())
                .append("pre_rocket", queue.preRocket());
        optional.values().removeIf(value -> value == null);
        stored.putAll(optional);
        return new Document("file", input.file())
                .append("adapter", input.adapter())
                .append("template", input.template())
                .append("stored", stored)
                .append("name", queue.jobName())
                .append("id", FIREWORK_ID);
    }

    private static List<String> shippedTemplates(Path venv) throws IOException {
        try (Stream<Path> files = Files.walk(venv.resolve("lib"))) {
            List<String> templates = files.filter(file -> file.toString().endsWith("_template.txt"))
                    .filter(file -> file.toString().contains("queue_adapters"))
                    .sorted()
                    .map(QueueScriptComparisonTest::read)
                    .toList();
            assertThat(templates).hasSizeGreaterThanOrEqualTo(7);
            return templates;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
