package org.jlab.jiriaf.jrm.site;

import java.util.Iterator;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Bounds how deep blocks and lists of a YAML text may lie in each other. The library goes down into them by calling itself, until
 * there is no stack left; texts may come from others, through a service.
 */
final class YamlDepth {

    /** Blocks, their keys and lists in them need three; a kubeconfig some more. */
    private static final int MAX = 20;

    private YamlDepth() {}

    /**
     * Refuses a text that is nested deeper.
     *
     * @param source what the text is, for the message
     * @throws SiteConfigException if it is
     * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is not YAML
     */
    static void require(LoadSettings settings, String yaml, String source) {
        int depth = 0;
        for (Iterator<Event> events = parser(settings, yaml); events.hasNext(); ) {
            Event event = events.next();
            if (event instanceof CollectionStartEvent) {
                depth++;
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
            if (depth > MAX) {
                throw new SiteConfigException(
                        source,
                        List.of("cannot be read: blocks and lists lie more than " + MAX + " deep in each other"));
            }
        }
    }

    /** What the library exports to modules; its own shortcut lies in a package that it does not. */
    static ParserImpl parser(LoadSettings settings, String yaml) {
        return new ParserImpl(settings, new StreamReader(settings, yaml));
    }
}
