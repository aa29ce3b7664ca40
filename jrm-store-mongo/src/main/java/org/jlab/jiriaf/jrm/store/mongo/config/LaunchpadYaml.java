package org.jlab.jiriaf.jrm.store.mongo.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Takes a {@code my_launchpad.yaml} apart. No message quotes a line, which could hold a password. */
final class LaunchpadYaml {

    /** A map of options with a list in it needs three. */
    private static final int MAX_DEPTH = 10;

    private static final Pattern ENTRY = Pattern.compile("\\s*([A-Za-z_][\\w.]*)\\s*:(.*)");

    /**
     * A key with its value.
     *
     * @param texts the scalar, or those of a list; none for null
     * @param isText whether YAML takes the scalar for text, and not for a number or a truth value
     * @param entries of a map
     */
    record Entry(String key, int line, Kind kind, List<String> texts, boolean isText, List<Entry> entries) {

        enum Kind {
            NULL,
            SCALAR,
            LIST,
            MAP
        }

        /** The scalar; null if there is none. */
        @Nullable
        String text() {
            return kind == Kind.SCALAR ? texts.get(0) : null;
        }

        String at() {
            return " (line " + line + ")";
        }

        @Override
        public String toString() {
            return key + at();
        }
    }

    private final String source;
    private final Findings findings;

    LaunchpadYaml(String source, Findings findings) {
        this.source = source;
        this.findings = findings;
    }

    /** The text of a file. */
    static String decode(byte[] file, String source) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file))
                    .toString();
        } catch (CharacterCodingException e) {
            // Each byte becomes a character, so that the lines before the first bad one can be counted.
            int line = 1;
            for (String text : new String(file, StandardCharsets.ISO_8859_1).split("\n", -1)) {
                if (!isUtf8(text)) {
                    break;
                }
                line++;
            }
            throw fault(
                    source,
                    "line " + line + " holds a character that is not UTF-8, perhaps Latin-1; save the file as UTF-8");
        }
    }

    private static boolean isUtf8(String latin1) {
        byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return new String(
                        new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.ISO_8859_1)
                .equals(latin1);
    }

    /** The entries of the file. */
    List<Entry> entries(String yaml) {
        if (yaml.startsWith("\ufeff")) {
            throw fault(source, "begins with a byte order mark, which FireWorks cannot read; save it as UTF-8 without");
        }
        Optional<Node> root = compose(yaml);
        if (root.isEmpty()) {
            throw fault(source, "is empty; expected host, port and name");
        }
        if (!(root.get() instanceof MappingNode mapping)) {
            throw fault(
                    source, "is no mapping; expected lines such as 'host: localhost', with a blank behind the colon");
        }
        return entries(mapping, "", true);
    }

    private Optional<Node> compose(String yaml) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setLabel(source)
                .setMaxAliasesForCollections(50)
                .build();
        try {
            requireDepth(new ParserImpl(settings, new StreamReader(settings, yaml)));
            return new Composer(settings, new ParserImpl(settings, new StreamReader(settings, yaml))).getSingleNode();
        } catch (MarkedYamlEngineException e) {
            throw fault(
                    source, problem(yaml, e.getProblemMark().map(Mark::getLine).orElse(0)));
        } catch (YamlEngineException e) {
            throw fault(source, "is no YAML: it holds a character or a reference that YAML forbids");
        }
    }

    private void requireDepth(Iterator<Event> events) {
        int depth = 0;
        while (events.hasNext()) {
            Event event = events.next();
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            if (depth > MAX_DEPTH) {
                throw fault(
                        source, "cannot be read: maps and lists lie more than " + MAX_DEPTH + " deep in each other");
            }
        }
    }

    private static String problem(String yaml, int line) {
        List<String> lines = yaml.lines().toList();
        String text = line < lines.size() ? lines.get(line) : "";
        Matcher entry = ENTRY.matcher(text);
        if (!entry.matches()) {
            return "is no YAML: line " + (line + 1)
                    + " or the one before cannot be understood; look for a quote or bracket"
                    + " that is not closed, a tab, a missing blank behind a colon, and indentation";
        }
        String key = entry.group(1);
        if (Placeholder.is(entry.group(2))) {
            return key + ": " + Placeholder.describe(key, entry.group(2).strip()) + " (line " + (line + 1) + ")";
        }
        return "is no YAML: the value of " + key + " in line " + (line + 1)
                + " cannot be understood; put it in 'quotes',"
                + " in particular if it begins with one of @ % | > & * ! { [ or holds a colon and a blank";
    }

    private static LaunchpadConfigException fault(String source, String text) {
        return new LaunchpadConfigException(source, List.of(text));
    }

    private List<Entry> entries(MappingNode mapping, String path, boolean deep) {
        List<Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Entry key = value("", tuple.getKeyNode(), false);
            String name = key.text();
            if (name == null) {
                findings.fault(path + "a key is no text" + key.at());
            } else if (!seen.add(name)) {
                findings.fault(path + name + ": stands there twice, which FireWorks refuses" + key.at());
            } else if (name.equals("<<")) {
                findings.fault(path + "<<: jrm does not read merged maps; write the keys out" + key.at());
            } else {
                entries.add(value(path + name, tuple.getValueNode(), deep));
            }
        }
        return entries;
    }

    private Entry value(String key, Node node, boolean deep) {
        int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        if (!node.getTag().getValue().startsWith(Tag.PREFIX)) {
            findings.fault(
                    key + ": holds a YAML tag; FireWorks refuses it. Put the value in 'quotes' (line " + line + ")");
        }
        if (node instanceof ScalarNode scalar) {
            boolean none = node.getTag().equals(Tag.NULL);
            return new Entry(
                    key,
                    line,
                    none ? Entry.Kind.NULL : Entry.Kind.SCALAR,
                    none ? List.of() : List.of(scalar.getValue()),
                    node.getTag().equals(Tag.STR),
                    List.of());
        }
        if (node instanceof SequenceNode sequence) {
            List<String> texts = sequence.getValue().stream()
                    .filter(ScalarNode.class::isInstance)
                    .map(item -> ((ScalarNode) item).getValue())
                    .toList();
            return new Entry(
                    key,
                    line,
                    Entry.Kind.LIST,
                    texts,
                    texts.size() == sequence.getValue().size(),
                    List.of());
        }
        List<Entry> entries =
                deep && node instanceof MappingNode mapping ? entries(mapping, key + ".", false) : List.of();
        return new Entry(key, line, Entry.Kind.MAP, List.of(), false, entries);
    }
}
