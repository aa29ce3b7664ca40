package org.jlab.jiriaf.jrm.script;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * Reads YAML to the values that FireWorks has from it: with the safe loader of ruamel.yaml, which is YAML 1.2 ({@code yes},
 * {@code 12:00:00} are text, {@code 010} is ten) with the merge key, timestamps and underscores in numbers of YAML 1.1.
 */
final class FireworksYaml {

    /**
     * A value of the outermost block.
     *
     * @param value null, text, Boolean, BigInteger, Double, LocalDate, LocalDateTime, List or Map
     * @param line where it stands, from 1
     */
    record Value(@Nullable Object value, int line) {}

    private static final Tag TIMESTAMP = new Tag(Tag.PREFIX + "timestamp");
    /** Not the library's own, at which it would merge by rules of its own. */
    private static final Tag MERGE = new Tag("!merge");

    private static final Tag DEFAULT_VALUE = new Tag(Tag.PREFIX + "value");

    private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
    private static final Pattern BOOL = Pattern.compile("true|True|TRUE|false|False|FALSE");
    private static final Pattern INT = Pattern.compile("[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9_]+)");
    private static final Pattern FLOAT = Pattern.compile("[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
            + "|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\\.[0-9_]+(?:[eE][-+][0-9]+)?"
            + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");
    private static final Pattern NUMBER = Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[-+]?[0-9]+)?");

    private static final int MAX_VALUES = 10_000;

    /** Python neither reads nor prints an integer that has more. */
    private static final int MAX_DIGITS = 4300;

    private static final int MAX_SHOWN = 60;

    private final String source;
    private int values;

    private FireworksYaml(String source) {
        this.source = source;
    }

    /**
     * Reads a file's outermost block.
     *
     * @param source what the text is, for messages
     * @param yaml the text, with line feeds alone
     * @return its values by their keys, in order
     * @throws SiteConfigException if FireWorks would not read it, or it holds a kind of value that cannot be shown as FireWorks
     *     shows it
     */
    static Map<String, Value> read(String source, String yaml) {
        LoadSettings settings =
                LoadSettings.builder().setLabel(source).setSchema(new Ruamel()).build();
        String text = yaml.startsWith("\uFEFF") ? yaml.substring(1) : yaml;
        return new FireworksYaml(source).block(new FireworksYamlSyntax(source, text, settings).root());
    }

    private Map<String, Value> block(Node root) {
        if (!(root instanceof MappingNode mapping) || !root.getTag().equals(Tag.MAP)) {
            throw fault(root, "is no block of keys; expected lines such as '_fw_name: CommonAdapter'");
        }
        Map<String, Value> block = new LinkedHashMap<>();
        entries(mapping).forEach((key, node) -> {
            if (!(key instanceof String name)) {
                throw fault(node, "the key " + shown(key) + " is no text; expected it in quotes");
            }
            block.put(name, new Value(value(node), line(node)));
        });
        return block;
    }

    private Map<@Nullable Object, Node> entries(MappingNode mapping) {
        if (mapping.isRecursive()) {
            throw fault(mapping, "a block refers to itself; expected plain values");
        }
        Map<@Nullable Object, Node> own = new LinkedHashMap<>();
        Node merged = null;
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            boolean isMerge = key.getTag().equals(MERGE);
            boolean isRepeated = isMerge && merged != null;
            if (isMerge) {
                merged = tuple.getValueNode();
            } else {
                isRepeated = own.putIfAbsent(key(key), tuple.getValueNode()) != null;
            }
            if (isRepeated) {
                throw fault(
                        key,
                        "the key " + shown(((ScalarNode) key).getValue())
                                + " stands there twice; expected it once, as FireWorks refuses such a file");
            }
        }
        Map<@Nullable Object, Node> all = new LinkedHashMap<>();
        if (merged != null) {
            merge(merged, all);
        }
        all.putAll(own);
        return all;
    }

    private void merge(Node merged, Map<@Nullable Object, Node> all) {
        if (merged instanceof MappingNode mapping) {
            all.putAll(entries(mapping));
        } else if (merged instanceof SequenceNode list) {
            List<Node> lastWins = new ArrayList<>(list.getValue());
            Collections.reverse(lastWins);
            for (Node item : lastWins) {
                if (!(item instanceof MappingNode mapping)) {
                    throw fault(item, "<<: expected a block, or a list of blocks");
                }
                all.putAll(entries(mapping));
            }
        } else {
            throw fault(merged, "<<: expected a block, or a list of blocks");
        }
    }

    private @Nullable Object key(Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar(scalar);
        }
        throw fault(node, "a key is a list or a block; expected text");
    }

    private @Nullable Object value(Node node) {
        if (++values > MAX_VALUES || node.isRecursive()) {
            throw fault(
                    node,
                    node.isRecursive()
                            ? "a value refers to itself; expected plain values"
                            : "there are more than " + MAX_VALUES + " values; expected some");
        }
        if (node instanceof ScalarNode scalar) {
            Object value = scalar(scalar);
            return value instanceof String text ? FireworksDates.reconstituted(text) : value;
        } else if (node instanceof SequenceNode list && node.getTag().equals(Tag.SEQ)) {
            List<@Nullable Object> items = new ArrayList<>();
            list.getValue().forEach(item -> items.add(value(item)));
            return items;
        } else if (node instanceof MappingNode mapping && node.getTag().equals(Tag.MAP)) {
            Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
            entries(mapping).forEach((key, item) -> map.put(key, value(item)));
            return map;
        }
        throw unknownTag(node);
    }

    private @Nullable Object scalar(ScalarNode node) {
        Tag tag = node.getTag();
        String text = node.getValue();
        if (tag.equals(Tag.STR)) {
            return text;
        } else if (tag.equals(Tag.NULL)) {
            return null;
        }
        try {
            if (tag.equals(Tag.BOOL)) {
                return truth(text);
            } else if (tag.equals(Tag.INT)) {
                return integer(text);
            } else if (tag.equals(Tag.FLOAT)) {
                return decimal(text);
            } else if (tag.equals(TIMESTAMP)) {
                return FireworksDates.timestamp(text);
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            String kind = tag.getValue().substring(Tag.PREFIX.length());
            throw fault(node, shown(text) + " is no " + kind + "; expected a valid one, or text in quotes");
        }
        throw unknownTag(node);
    }

    private static boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static BigInteger integer(String text) {
        String digits = unsigned(text);
        if (digits.length() > MAX_DIGITS) {
            throw new NumberFormatException();
        }
        int base = digits.startsWith("0b") ? 2 : digits.startsWith("0o") ? 8 : digits.startsWith("0x") ? 16 : 10;
        if (!digits.matches(base == 10 ? "\\d+" : "0.[0-9a-fA-F]+")) {
            throw new NumberFormatException();
        }
        BigInteger number = new BigInteger(base == 10 ? digits : digits.substring(2), base);
        return text.startsWith("-") ? number.negate() : number;
    }

    private static double decimal(String text) {
        String digits = unsigned(text).toLowerCase(Locale.ROOT);
        if (digits.equals(".nan")) {
            return Double.NaN;
        } else if (!digits.equals(".inf") && !NUMBER.matcher(digits).matches()) {
            throw new NumberFormatException();
        }
        double number = digits.equals(".inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(digits);
        return text.startsWith("-") ? -number : number;
    }

    private static String unsigned(String text) {
        String digits = text.replace("_", "");
        return digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
    }

    private SiteConfigException unknownTag(Node node) {
        String what = node instanceof ScalarNode scalar ? "the value " + shown(scalar.getValue()) : "the value";
        return fault(
                node,
                what + " has the kind " + shown(node.getTag().getValue())
                        + "; expected text in quotes, a number, a truth value, a list or a block");
    }

    private SiteConfigException fault(Node node, String what) {
        return new SiteConfigException(source, List.of("line " + line(node) + ": " + what));
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }

    /** A value for a message: on one line, and not too long. */
    static String shown(@Nullable Object value) {
        String text = value == null ? "(blank)" : PythonText.repr(value);
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private static final class Ruamel implements Schema {

        @Override
        public ScalarResolver getScalarResolver() {
            return (text, isImplicit) -> isImplicit ? tag(text) : Tag.STR;
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            return Map.of();
        }

        private static Tag tag(String text) {
            if (NULL.matcher(text).matches()) {
                return Tag.NULL;
            } else if (BOOL.matcher(text).matches()) {
                return Tag.BOOL;
            } else if (text.equals("<<") || text.equals("=")) {
                return text.equals("<<") ? MERGE : DEFAULT_VALUE;
            } else if (text.startsWith("_")) {
                return Tag.STR;
            } else if (FLOAT.matcher(text).matches()) {
                return Tag.FLOAT;
            } else if (INT.matcher(text).matches()) {
                return Tag.INT;
            }
            return FireworksDates.isTimestamp(text) ? TIMESTAMP : Tag.STR;
        }
    }
}
