package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.DuplicateKeyException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One or several kubeconfigs, merged as kubectl merges those in {@code KUBECONFIG}: of two entries with a name the first counts, as
 * a whole, and so does the first {@code current-context}.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/">merging kubeconfigs</a>
 */
final class KubeconfigFiles {

    private static final int MAX_BYTES = 5_000_000;
    private static final int MAX_NAMES = 20;

    private final String source;
    private final Map<String, Map<String, KubeconfigBlock>> lists = new HashMap<>();
    private @Nullable String currentContext;

    private KubeconfigFiles(String source) {
        this.source = source;
        for (String list : List.of("contexts", "clusters", "users")) {
            lists.put(list, new LinkedHashMap<>());
        }
    }

    /** Reads files, of which all have to be there. */
    static KubeconfigFiles read(List<Path> paths) {
        String source = "kubeconfig " + paths.stream().map(Path::toString).collect(Collectors.joining(":"));
        KubeconfigFiles files = new KubeconfigFiles(source);
        for (Path path : paths) {
            String name = "kubeconfig " + path;
            files.add(new KubeconfigBlock(name, path, "it", load(content(path, name), name)));
        }
        return files;
    }

    /** Takes a text whose files are not read. */
    static KubeconfigFiles parse(String text) {
        KubeconfigFiles files = new KubeconfigFiles("kubeconfig");
        files.add(new KubeconfigBlock("kubeconfig", null, "it", load(text, "kubeconfig")));
        return files;
    }

    private static String content(Path path, String name) {
        try {
            byte[] bytes = BoundedFile.read(path, MAX_BYTES)
                    .orElseThrow(
                            () -> new SiteConfigException(name, List.of("it is larger than " + MAX_BYTES + " bytes")));
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new SiteConfigException(name, List.of("it is not UTF-8 text"));
        } catch (IOException e) {
            String why = Files.isDirectory(path) ? "is a folder" : KubeconfigBlock.why(e);
            throw new SiteConfigException(name, List.of("it " + why));
        }
    }

    /** The first document; JSON is YAML. */
    private static Map<?, ?> load(String text, String name) {
        String yaml = text.startsWith("\uFEFF") ? text.substring(1) : text;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setCodePointLimit(MAX_BYTES)
                .build();
        try {
            YamlDepth.require(settings, yaml, name);
            Iterator<Object> documents =
                    new Load(settings).loadAllFromString(yaml).iterator();
            Object root = documents.hasNext() ? documents.next() : null;
            if (root == null || root instanceof Map) {
                return root == null ? Map.of() : (Map<?, ?>) root;
            }
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new SiteConfigException(name, List.of("it is not YAML" + problem(e)));
        }
        throw new SiteConfigException(name, List.of("it is no block of keys with clusters, users and contexts"));
    }

    /** Where the fault is, without the library's message, which quotes the line. */
    private static String problem(RuntimeException e) {
        if (!(e instanceof MarkedYamlEngineException marked)) {
            return "";
        }
        String line = marked.getProblemMark()
                .map(mark -> ", line " + (mark.getLine() + 1))
                .orElse("");
        return e instanceof DuplicateKeyException ? line + ": a key stands there twice" : line;
    }

    private void add(KubeconfigBlock root) {
        String kind = root.text("kind");
        String version = root.text("apiVersion");
        if ((kind != null && !kind.equals("Config")) || (version != null && !version.equals("v1"))) {
            throw root.fault("it has the kind " + (kind == null ? "Config" : kind) + " and the apiVersion "
                    + (version == null ? "v1" : version) + "; expected Config and v1");
        }
        if (currentContext == null) {
            currentContext = root.text("current-context");
        }
        lists.forEach((list, merged) -> entries(root, list).forEach(merged::putIfAbsent));
    }

    private static Map<String, KubeconfigBlock> entries(KubeconfigBlock root, String list) {
        String kind = list.substring(0, list.length() - 1);
        Map<String, KubeconfigBlock> entries = new LinkedHashMap<>();
        for (KubeconfigBlock entry : root.blocks(list)) {
            String name = entry.text("name");
            String place = kind + " " + KubeconfigBlock.shown(name == null ? "" : name);
            Object values = entry.values().get(kind);
            KubeconfigBlock block = root.block(place, values == null ? Map.of() : values);
            if (entries.put(name == null ? "" : name, block) != null) {
                throw block.fault("the name stands in " + list + " twice");
            }
        }
        return entries;
    }

    /** The name of the current context. */
    String current() {
        if (currentContext == null) {
            throw fault("current-context is empty; put the name of a context there" + known("contexts"));
        }
        return currentContext;
    }

    /** The current context. */
    KubeconfigBlock context() {
        return entry("contexts", current(), "current-context");
    }

    KubeconfigBlock cluster() {
        return entry("clusters", context().required("cluster"), context().place() + ": cluster");
    }

    /** The user of the current context; an empty block if it has none. */
    KubeconfigBlock user() {
        KubeconfigBlock context = context();
        String name = context.text("user");
        return name == null
                ? new KubeconfigBlock(context.source(), null, context.place() + " (without a user)", Map.of())
                : entry("users", name, context.place() + ": user");
    }

    private KubeconfigBlock entry(String list, String name, String key) {
        KubeconfigBlock entry = lists.getOrDefault(list, Map.of()).get(name);
        if (entry == null) {
            throw fault(key + " is " + KubeconfigBlock.shown(name) + ", and there is no such "
                    + list.substring(0, list.length() - 1) + known(list));
        }
        return entry;
    }

    private String known(String list) {
        List<String> names = lists.getOrDefault(list, Map.of()).keySet().stream()
                .map(KubeconfigBlock::shown)
                .toList();
        String more = names.size() > MAX_NAMES ? " and " + (names.size() - MAX_NAMES) + " more" : "";
        return names.isEmpty()
                ? "; it has no " + list
                : "; it has " + String.join(", ", names.subList(0, Math.min(MAX_NAMES, names.size()))) + more;
    }

    private SiteConfigException fault(String what) {
        return new SiteConfigException(source, List.of(what));
    }
}
