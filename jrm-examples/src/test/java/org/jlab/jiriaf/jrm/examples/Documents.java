package org.jlab.jiriaf.jrm.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What stands in the README and in the folder {@code docs}, taken apart. */
public final class Documents {

    private Documents() {}

    /** Text between fences, and where it stands. */
    public record Block(String language, String text, String place) {

        @Override
        public String toString() {
            return place + " " + language;
        }
    }

    /**
     * A link to a document of the project, or to another file of it.
     *
     * @param target the file
     * @param heading the heading in it, as GitHub makes names of them; empty for the file as a whole
     * @param place where it stands
     */
    public record Link(Path target, String heading, String place) {}

    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]*)(?:#([^)]+))?\\)");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** Folders of the modules. */
    static List<Path> modules() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of(".."))) {
            return folders.filter(folder -> Files.isDirectory(folder.resolve("src")))
                    .toList();
        }
    }

    /** The README and all pages. */
    static List<Path> documents() throws IOException {
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
            LINK.matcher(prose(document))
                    .results()
                    .map(match -> new Link(
                            match.group(1).isEmpty() ? document : document.resolveSibling(match.group(1)),
                            match.group(2) == null ? "" : match.group(2),
                            document + ": " + match.group()))
                    .forEach(links::add);
        }
        return links;
    }

    /** The headings of a document, as GitHub makes names of them. */
    static Set<String> headings(Path document) throws IOException {
        return prose(document)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** What stands in a document between backticks, outside blocks. */
    static List<String> code(Path document) throws IOException {
        return CODE.matcher(prose(document))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** What stands between backticks in the first column of the tables of a page, perhaps of one part of it alone. */
    static Set<String> keys(String page, String heading) throws IOException {
        String text = prose(Path.of("docs", page));
        String part = heading.isEmpty()
                ? text
                : text.split("\n## " + heading + "\n", 2)[1].split("\n## ", 2)[0];
        return part.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.split(" \\| ", 2)[0])
                .flatMap(cell -> CODE.matcher(cell).results())
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A document without its blocks. */
    private static String prose(Path document) throws IOException {
        return Files.readString(document).replaceAll("(?ms)^```.*?^```$", "");
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
