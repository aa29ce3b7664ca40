package org.jlab.jiriaf.jrm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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

/** What stands in the documents between fences is right: Java compiles, commands are understood, site files can be read. */
class DocsTest {

    private static final String IMPORTS = """
            import com.mongodb.client.MongoClient;
            import com.mongodb.client.MongoClients;
            import io.fabric8.kubernetes.client.KubernetesClient;
            import io.fabric8.kubernetes.client.KubernetesClientBuilder;
            import java.nio.file.Path;
            import java.time.Duration;
            import java.util.*;
            import org.jlab.jiriaf.jrm.*;
            import org.jlab.jiriaf.jrm.deploy.*;
            import org.jlab.jiriaf.jrm.k8s.fabric8.*;
            import org.jlab.jiriaf.jrm.site.*;
            import org.jlab.jiriaf.jrm.ssh.sshj.*;
            import org.jlab.jiriaf.jrm.store.mongo.*;
            import org.jlab.jiriaf.jrm.store.mongo.config.*;
            import org.jlab.jiriaf.jrm.tunnel.*;
            import org.jlab.jiriaf.jrm.workflow.*;
            """;

    private static final Pattern TYPE =
            Pattern.compile("(?m)^(?:public |abstract |final )*(?:class|record|interface) ");

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

    /** A block with imports of its own has all that it needs; one that declares a type is not put into a method. */
    private static String source(String text) {
        String imports = text.lines().filter(DocsTest::isImport).collect(Collectors.joining("\n", "", "\n"));
        String rest = text.lines().filter(line -> !isImport(line)).collect(Collectors.joining("\n"));
        String header = imports.isBlank() ? IMPORTS : imports;
        return TYPE.matcher(rest).find()
                ? header + rest
                : header + "final class Snippet {\n    static void run() throws Exception {\n" + rest + "\n    }\n}\n";
    }

    private static boolean isImport(String line) {
        return line.startsWith("import ");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        assertThat(Documents.links())
                .isNotEmpty()
                .allSatisfy(
                        link -> assertThat(link.target()).as(link.toString()).exists());
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
