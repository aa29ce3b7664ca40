package org.jlab.jiriaf.jrm.site;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.site.SiteFields.Field;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * Takes the blocks and keys of a site file apart. Every scalar stays the text that the user wrote: with types,
 * {@code 12:00:00} could become 43200 and {@code 010} eight.
 */
final class SiteFileParser {

    private static final String NOT_A_SITE_FILE =
            "is not a site file: expected the blocks slurm, jrm and ssh, each with its keys";

    private final String yaml;
    private final SiteFields fields = SiteFields.ofFile();

    private SiteFileParser(String yaml) {
        this.yaml = yaml;
    }

    static SiteFields parse(String yaml, String source) {
        SiteFileParser parser = new SiteFileParser(yaml);
        parser.readBlocks(source);
        return parser.fields;
    }

    private void readBlocks(String source) {
        Optional<Node> root = compose(source);
        if (root.isEmpty() || !(root.get() instanceof MappingNode blocks)) {
            throw new SiteConfigException(source, List.of(NOT_A_SITE_FILE));
        }
        List<String> names = blocks.getValue().stream()
                .map(tuple -> name(tuple.getKeyNode()))
                .toList();
        if (names.stream()
                .noneMatch(name -> EditDistance.nearest(name, SiteKey.BLOCKS).isPresent())) {
            throw new SiteConfigException(source, List.of(NOT_A_SITE_FILE + "; it has " + String.join(", ", names)));
        }
        Map<String, Node> seen = new HashMap<>();
        for (NodeTuple tuple : blocks.getValue()) {
            String name = name(tuple.getKeyNode());
            if (isRepeated(name, tuple.getKeyNode(), seen)) {
                continue;
            }
            if (SiteKey.BLOCKS.contains(name)) {
                readBlock(name, tuple.getValueNode());
            } else {
                fields.fault(name + line(tuple.getKeyNode()) + ": unknown block; " + nearestBlock(name));
            }
        }
    }

    private Optional<Node> compose(String source) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new FailsafeSchema())
                .setLabel(source)
                .setMaxAliasesForCollections(50)
                .build();
        try {
            YamlDepth.require(settings, yaml, source);
            return new Composer(settings, YamlDepth.parser(settings, yaml)).getSingleNode();
        } catch (MarkedYamlEngineException e) {
            // The library's full message quotes the line, which may hold the password.
            throw new SiteConfigException(source, List.of("is not YAML: " + problem(e)));
        } catch (ReaderException e) {
            throw new SiteConfigException(source, List.of("is not YAML: it holds a character that YAML forbids"));
        } catch (YamlEngineException e) {
            throw new SiteConfigException(source, List.of("cannot be read: " + e.getMessage()));
        }
    }

    private String problem(MarkedYamlEngineException e) {
        int line = e.getProblemMark().map(Mark::getLine).orElse(0);
        boolean secretNear =
                yaml.lines().skip(Math.max(0, line - 1)).limit(3).anyMatch(text -> text.contains(SiteKey.PASSWORD.key));
        return "line " + (line + 1) + ": " + (secretNear ? "cannot be read" : e.getProblem());
    }

    private void readBlock(String block, Node value) {
        if (isNull(value)) {
            return;
        }
        if (!(value instanceof MappingNode keys)) {
            fields.fault(block + line(value) + ": expected a block of keys: "
                    + SiteKey.in(block).stream().map(key -> key.key).collect(Collectors.joining(", ")));
            return;
        }
        Map<String, Node> seen = new HashMap<>();
        for (NodeTuple tuple : keys.getValue()) {
            String path = block + "." + name(tuple.getKeyNode());
            if (isRepeated(path, tuple.getKeyNode(), seen)) {
                continue;
            }
            SiteKey.find(block, name(tuple.getKeyNode()))
                    .ifPresentOrElse(
                            key -> readKey(key, tuple.getValueNode()),
                            () -> fields.fault(path + line(tuple.getKeyNode()) + ": unknown key; " + nearestKey(path)));
        }
    }

    private void readKey(SiteKey key, Node value) {
        String place = key.path() + line(value);
        fields.put(key, new Field(place, List.of()));
        if (isNull(value)) {
            return;
        }
        if (value instanceof ScalarNode scalar) {
            fields.put(key, new Field(place, List.of(scalar.getValue())));
        } else if (value instanceof SequenceNode sequence && key.isList()) {
            List<String> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                if (item instanceof ScalarNode scalar) {
                    items.add(isNull(item) ? "" : scalar.getValue());
                } else {
                    fields.fault(key, null, "holds an item that is no plain value; expected " + key.expected);
                }
            }
            fields.put(key, new Field(place, items));
        } else {
            String found = value instanceof SequenceNode ? "a list" : "a block";
            fields.fault(key, null, "holds " + found + "; expected " + key.expected);
        }
    }

    private boolean isRepeated(String path, Node key, Map<String, Node> seen) {
        Node first = seen.putIfAbsent(path, key);
        if (first != null) {
            fields.fault(path + line(key) + ": stands there twice, first"
                    + line(first).replaceAll("[()]", ""));
        }
        return first != null;
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && List.of("", "~", "null", "Null", "NULL").contains(scalar.getValue());
    }

    private static String name(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "(not a name)";
    }

    private static String line(Node node) {
        return node.getStartMark()
                .map(mark -> " (line " + (mark.getLine() + 1) + ")")
                .orElse("");
    }

    private static String nearestBlock(String name) {
        return EditDistance.nearest(name, SiteKey.BLOCKS)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("a site file has slurm, jrm, ssh and perhaps profile");
    }

    // A key in the wrong block is a likelier slip than one with another name.
    private static String nearestKey(String path) {
        String name = path.substring(path.indexOf('.') + 1);
        String block = path.substring(0, path.indexOf('.'));
        List<String> own = SiteKey.in(block).stream().map(key -> key.key).toList();
        Optional<String> elsewhere = Stream.of(SiteKey.values())
                .filter(key -> key.key.equals(name))
                .map(SiteKey::path)
                .findFirst();
        Optional<String> meant =
                elsewhere.or(() -> EditDistance.nearest(name, own).map(key -> block + "." + key));
        return meant.map(key -> "did you mean " + key + "?")
                .orElse("known in " + block + ": " + String.join(", ", own));
    }
}
