package org.jlab.jiriaf.jrm.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.app.serve.JrmService;
import org.jlab.jiriaf.jrm.contract.WorkflowStoreContract;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of the documents name all that there is, and nothing that is not. */
class DocsTablesTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path CI = Path.of("..", ".ci", "run");
    private static final Pattern MARKER = Pattern.compile("<!-- ci: ([a-z-]+) -->\\n```bash\\n");

    @ParameterizedTest
    @ValueSource(strings = {"slurm", "jrm", "profile", "ssh"})
    void keysOfSiteFiles(String block) throws IOException {
        SiteConfigException unknown = catchThrowableOfType(
                SiteConfigException.class, () -> SiteConfig.parse(block + ":\n  qqqqqqqqqqqqqqqq: 1\n", "test"));
        String known = unknown.faults().stream()
                .filter(fault -> fault.contains("known in " + block + ": "))
                .map(fault -> fault.replaceFirst(".*known in " + block + ": ", ""))
                .collect(Collectors.joining());
        Set<String> documented = Documents.keys("site-files.md", block);
        documented.removeAll(Set.of("perlmutter", "ornl", "fabric", "test")); // a table of values

        assertThat(documented).containsExactlyInAnyOrder(known.split(", "));
    }

    @Test
    void commands() throws IOException {
        assertThat(Documents.keys("operating.md", "Commands").stream()
                        .filter(cell -> !cell.startsWith("-"))
                        .map(cell -> cell.split(" ", 2)[0])
                        .collect(Collectors.toSet()))
                .isEqualTo(Jrm.commandLine().getSubcommands().keySet());
    }

    /** The page loads its own parts by itself. */
    @Test
    void requestsOfTheService() throws IOException {
        Set<String> described = new TreeSet<>();
        try (InputStream openApi = JrmService.class.getResourceAsStream("openapi.json")) {
            Json.MAPPER
                    .readTree(Objects.requireNonNull(openApi))
                    .get("paths")
                    .properties()
                    .forEach(path -> path.getValue()
                            .propertyNames()
                            .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        }
        described.removeIf(request -> request.startsWith("GET /assets/"));

        assertThat(Documents.keys("service.md", "").stream()
                        .filter(code -> code.matches("(GET|POST|DELETE) .*"))
                        .map(request -> request.replace("/ID", "/{id}")
                                .replace("/IP", "/{ip}")
                                .replace("/START", "/{start}")
                                .replace("/END", "/{end}")))
                .containsExactlyInAnyOrderElementsOf(described);
    }

    @Test
    void packages() throws IOException {
        Set<String> packages = new TreeSet<>();
        Path root = Path.of("org", "jlab", "jiriaf", "jrm");
        for (Path module : Documents.modules()) {
            Path sources = module.resolve(Path.of("src", "main", "java")).resolve(root);
            try (Stream<Path> files = Files.walk(sources)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(file -> sources.relativize(file.getParent()).toString())
                        .filter(name -> !name.isEmpty())
                        .forEach(name -> packages.add(name.replace('/', '.')));
            }
        }

        assertThat(Documents.keys("architecture.md", "Packages")).containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void contractSuites() throws IOException {
        Path classes = Path.of("..", "jrm-core", "src", "test", "java")
                .resolve(WorkflowStoreContract.class.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(classes)) {
            assertThat(Documents.keys("extending.md", "Passing the contract"))
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(file -> file.getFileName().toString())
                                    .filter(name -> name.endsWith("Contract.java"))
                                    .map(name -> name.replace("Contract.java", ""))
                                    .toList());
        }
    }

    @Test
    void pagesOfTheReadme() throws IOException {
        String readme = Files.readString(README);
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            assertThat(pages.map(Path::getFileName).map(Path::toString))
                    .allSatisfy(page -> assertThat(readme).contains("(jrm-examples/docs/" + page + ")"));
        }
    }

    /** What users read first is what CI runs, and no more. */
    @Test
    void commandsOfTheReadme() throws IOException {
        String readme = Files.readString(README);
        List<String> marked =
                MARKER.matcher(readme).results().map(match -> match.group(1)).toList();
        List<String> run = Arrays.stream(Files.readString(CI).split("\n"))
                .filter(line -> line.startsWith("run_readme "))
                .map(line -> line.substring("run_readme ".length()))
                .toList();

        assertThat(marked).isNotEmpty().isEqualTo(run);
        assertThat(readme.split("```(bash|sh)\n", -1)).hasSize(marked.size() + 1);
    }
}
