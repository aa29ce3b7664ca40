package org.jlab.jiriaf.jrm.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands between fences in the README and in the folder {@code docs}. */
public final class Documents {

    private Documents() {}

    /** Text between fences, and where it stands. */
    public record Block(String language, String text, String place) {

        @Override
        public String toString() {
            return place + " " + language;
        }
    }

    /** A link to a file, and where it stands. */
    public record Link(Path target, String place) {}

    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)");

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Path.of("..", "README.md")));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        return documents;
    }

    /** Links to files of the project. */
    public static List<Link> links() throws IOException {
        List<Link> links = new ArrayList<>();
        for (Path document : documents()) {

            LINK.matcher(Files.readString(document))
                    .results()
                    .map(match -> new Link(document.resolveSibling(match.group(1)), document + ": " + match.group(1)))
                    .forEach(links::add);
        }
        return links;
    }

    /** All of it. */
    public static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path document : documents()) {
            List<String> lines = Files.readAllLines(document);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("```")) {
                    int start = i + 1;
                    do {
                        i++;
                    } while (!lines.get(i).startsWith("```"));
                    blocks.add(new Block(
                            lines.get(start - 1).substring(3),
                            String.join("\n", lines.subList(start, i)),
                            document.getFileName() + ":" + start));
                }
            }
        }
        return blocks;
    }

    /** Lines for a shell that are typed on the practice site as they stand, those that go on in the next one joined. */
    public static Stream<String> shellLines() throws IOException {
        return shellLines("bash");
    }

    private static Stream<String> shellLines(String language) throws IOException {
        return blocks().stream()
                .filter(block -> block.language().equals(language))
                .flatMap(block -> block.text().replace("\\\n", " ").lines());
    }

    /** Command lines of jrm that are typed on the practice site. */
    public static Stream<String> commands() throws IOException {
        return commands(shellLines());
    }

    /** Command lines of jrm in blocks of the language {@code sh}, which need something that nobody has there, such as an agent. */
    public static Stream<String> commandsOfUsers() throws IOException {
        return commands(shellLines("sh"));
    }

    /** What comes after {@code jrm.jar} or {@code jrm}, up to a redirection or the next command. */
    private static Stream<String> commands(Stream<String> lines) {
        return lines.filter(line -> line.matches("(.*jrm\\.jar|jrm) .*"))
                .map(line -> line.replaceFirst("^.*?(jrm\\.jar|^jrm) +", "")
                        .replaceFirst(" *(>|\\||;|&&|#|\\)).*", "")
                        .strip())
                .filter(line -> !line.startsWith("..."));
    }
}
