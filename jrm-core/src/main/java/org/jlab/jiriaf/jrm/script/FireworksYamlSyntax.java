package org.jlab.jiriaf.jrm.script;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Which YAML texts the parser of FireWorks (ruamel.yaml) reads: it takes no tabs between words, and one document alone. */
final class FireworksYamlSyntax {

    private static final int MAX_DEPTH = 20;
    private static final int MAX_SHOWN = 40;

    /** U+0085 ends a line for ruamel.yaml and for no other. */
    private static final Pattern FORBIDDEN =
            Pattern.compile("[^\\t\\n -~\\x{A0}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

    private final String source;
    private final String yaml;
    private final LoadSettings settings;

    FireworksYamlSyntax(String source, String yaml, LoadSettings settings) {
        this.source = source;
        this.yaml = yaml;
        this.settings = settings;
    }

    /**
     * Takes the text apart.
     *
     * @throws SiteConfigException if it is no YAML, or none that FireWorks reads
     */
    Node root() {
        Matcher forbidden = FORBIDDEN.matcher(yaml);
        if (forbidden.find()) {
            String character = "U+%04X".formatted(yaml.codePointAt(forbidden.start()));
            throw fault(
                    FireworksText.line(yaml, forbidden.start()) - 1,
                    "the character " + character + " is not allowed; expected it as an escape in double quotes");
        }
        try {
            requireNoTabs(protectedOffsets());
            return new Composer(settings, parser())
                    .getSingleNode()
                    .orElseThrow(() -> new SiteConfigException(
                            source, List.of("is empty; expected lines such as '_fw_name: CommonAdapter'")));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(0);
            throw fault(
                    line,
                    "is not YAML that FireWorks reads" + near(line)
                            + "; expected one document of lines 'key: value', with special characters in quotes");
        } catch (YamlEngineException e) {
            throw new SiteConfigException(source, List.of("is not YAML that FireWorks reads"));
        }
    }

    private ParserImpl parser() {
        return new ParserImpl(settings, new StreamReader(settings, yaml));
    }

    /** Checks depth and version on the way, before anything goes down into the text by calling itself. */
    private BitSet protectedOffsets() {
        BitSet inside = new BitSet();
        int depth = 0;
        for (Iterator<Event> events = parser(); events.hasNext(); ) {
            Event event = events.next();
            int line = event.getStartMark().map(Mark::getLine).orElse(0);
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                throw fault(line, "blocks and lists lie more than " + MAX_DEPTH + " deep in each other");
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            } else if (event instanceof DocumentStartEvent start
                    && start.getSpecVersion()
                            .filter(version -> version.getMinor() != 2)
                            .isPresent()) {
                throw fault(
                        line,
                        "%YAML " + start.getSpecVersion().get().getRepresentation()
                                + " gives values another meaning; expected %YAML 1.2, or none");
            } else if (event instanceof ScalarEvent scalar && scalar.getScalarStyle() != ScalarStyle.PLAIN) {
                inside.set(
                        scalar.getStartMark().map(Mark::getIndex).orElse(0),
                        scalar.getEndMark().map(Mark::getIndex).orElse(0));
            }
        }
        return inside;
    }

    private void requireNoTabs(BitSet inside) {
        int[] characters = yaml.codePoints().toArray();
        int line = 0;
        boolean comment = false;
        for (int i = 0; i < characters.length; i++) {
            if (characters[i] == '\n') {
                line++;
                comment = false;
            } else if (!inside.get(i)) {
                comment |= characters[i] == '#' && (i == 0 || characters[i - 1] == ' ' || characters[i - 1] == '\n');
                if (characters[i] == '\t' && !comment) {
                    throw fault(line, "there is a tab" + near(line) + "; expected blanks, or the value in quotes");
                }
            }
        }
    }

    /** The key of the line alone: its value may be a secret. */
    private String near(int line) {
        List<String> lines = new ArrayList<>(yaml.lines().skip(line).limit(1).toList());
        String key =
                lines.isEmpty() ? "" : lines.get(0).strip().split(":", 2)[0].strip();
        boolean isShown = !key.isEmpty() && key.length() <= MAX_SHOWN && key.matches("[\\w.-]+");
        return isShown ? " at '" + key + "'" : "";
    }

    private SiteConfigException fault(int line, String what) {
        return new SiteConfigException(source, List.of("line " + (line + 1) + ": " + what));
    }
}
