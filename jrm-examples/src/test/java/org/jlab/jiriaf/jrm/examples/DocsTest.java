package org.jlab.jiriaf.jrm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jlab.jiriaf.jrm.app.cli.Jrm;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What stands in the documents is right: Java compiles, commands are understood, site files can be read, links lead somewhere, the
 * types that are named exist. That their tables are complete is for {@link DocsTablesTest}.
 */
class DocsTest {

    private static final Pattern TYPE =
            Pattern.compile("(?m)^(?:public |abstract |final )*(?:class|record|interface) ");

    private static final Pattern CAPITALS = Pattern.compile("^(?:[A-Z][a-z0-9]+){2,}(?=$|[.( ])");

    /** Of OpenSSH and the JDK. */
    private static final Set<String> FOREIGN = Set.of(
            "AllowTcpForwarding",
            "IdentityFile",
            "IllegalArgumentException",
            "PermitListen",
            "ProxyJump",
            "StrictHostKeyChecking");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    static Stream<Documents.Block> java() throws IOException {
        return Documents.blocks().stream().filter(block -> block.language().equals("java"));
    }

    static Stream<Documents.Block> siteFiles() throws IOException {
        return Documents.blocks().stream()
                .filter(block -> block.language().equals("yaml") && block.text().startsWith("slurm:"));
    }

    static Stream<String> commands() throws IOException {
        return Stream.concat(Documents.commands(), Documents.commandsOfUsers());
    }

    @Test
    void everyBlockSaysWhatLanguageItIsIn() throws IOException {
        assertThat(Documents.blocks())
                .isNotEmpty()
                .allSatisfy(
                        block -> assertThat(block.language()).as(block.place()).isNotBlank());
    }

    @ParameterizedTest
    @MethodSource("java")
    void javaCompiles(Documents.Block block) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String source = source(block.text());
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter said = new StringWriter();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options = List.of("-proc:none", "-d", folder.toString(), "-classpath", classPath);
        assertThat(compiler.getTask(said, null, null, options, null, List.of(file))
                        .call())
                .as(said.toString())
                .isTrue();
    }

    /** A block shows the imports that it needs; one that declares a type is not put into a method. */
    private static String source(String text) {
        String imports = text.lines().filter(DocsTest::isImport).collect(Collectors.joining("\n", "", "\n"));
        String rest = text.lines().filter(line -> !isImport(line)).collect(Collectors.joining("\n"));
        return TYPE.matcher(rest).find()
                ? imports + rest
                : imports + "final class Snippet {\n    static void run() throws Exception {\n" + rest + "\n    }\n}\n";
    }

    private static boolean isImport(String line) {
        return line.startsWith("import ");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<Documents.Link> links = Documents.links();
        assertThat(links).isNotEmpty();
        for (Documents.Link link : links) {
            assertThat(link.target()).as(link.place()).exists();
            if (!link.heading().isEmpty()) {
                assertThat(Documents.headings(link.target())).as(link.place()).contains(link.heading());
            }
        }
    }

    /** Names of types are written with capitals within; those of other people's programs are few. */
    @Test
    void everyTypeThatIsNamedExists() throws IOException {
        Set<String> known = new HashSet<>(FOREIGN);
        for (Path module : Documents.modules()) {
            try (Stream<Path> files = Files.walk(module.resolve("src"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> known.add(file.getFileName().toString().replace(".java", "")));
            }
        }
        for (Path document : Documents.documents()) {
            if (!document.endsWith("CHANGELOG.md")) {
                assertThat(Documents.code(document).stream()
                                .map(code -> CAPITALS.matcher(code))
                                .filter(Matcher::find)
                                .map(Matcher::group))
                        .as(document.toString())
                        .isSubsetOf(known);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("siteFiles")
    void siteFilesCanBeRead(Documents.Block block) {
        assertThat(SiteConfig.parse(block.text(), block.place()).slurm().nodes())
                .isPositive();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandsAreUnderstood(String command) {
        String[] arguments = Arrays.stream(command.split(" +", -1))
                .map(word -> word.replaceAll("^'(.*)'$", "$1"))
                .toArray(String[]::new);
        assertThat(Jrm.commandLine().parseArgs(arguments).errors()).isEmpty();
    }
}
