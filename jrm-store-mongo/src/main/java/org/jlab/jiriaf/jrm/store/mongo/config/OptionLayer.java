package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.store.mongo.config.LaunchpadYaml.Entry;
import org.jlab.jiriaf.jrm.store.mongo.config.PymongoOption.Kind;
import org.jlab.jiriaf.jrm.store.mongo.config.PymongoOption.Use;
import org.jspecify.annotations.Nullable;

/** The options that one place of the file gives: the URI, {@code mongoclient_kwargs}, or the keys of FireWorks 1.9.7. */
final class OptionLayer {

    /**
     * An option with its value.
     *
     * @param place key and line, for messages
     * @param values as the Java driver takes them; several only for readPreferenceTags
     */
    record Given(String place, PymongoOption option, List<String> values) {

        String value() {
            return values.get(0);
        }

        boolean isTrue() {
            return value().equals("true");
        }

        boolean isFalse() {
            return value().equals("false");
        }

        /** Never the value, which may be a secret. */
        @Override
        public String toString() {
            return place;
        }
    }

    /** 1.9.7 gives them to pymongo itself, and newer pymongo does not know them. */
    private static final List<String> KEYS_OF_FIREWORKS =
            List.of("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_pem_passphrase");

    private final Map<String, Given> options = new LinkedHashMap<>();
    private final Findings findings;

    OptionLayer(Findings findings) {
        this.findings = findings;
    }

    /** The option, under whichever of its names it was given; null if it was not. */
    @Nullable
    Given get(String name) {
        return options.get(name);
    }

    @Nullable
    String text(String name) {
        Given given = options.get(name);
        return given == null ? null : given.value();
    }

    Collection<Given> all() {
        return options.values();
    }

    /** Reads an option of {@code mongoclient_kwargs}, where pymongo refuses what it does not know. */
    void readKeyword(Entry entry) {
        String name = entry.key().substring(entry.key().lastIndexOf('.') + 1);
        Optional<PymongoOption> known = PymongoOption.find(name);
        if (known.isEmpty()) {
            findings.fault(entry.key() + ": pymongo knows no such option and refuses it" + entry.at());
        } else if (KEYS_OF_FIREWORKS.contains(name)) {
            findings.fault(entry.key() + ": FireWorks refuses it here; use "
                    + known.get().name().replace(TlsSettings.KEY, TlsSettings.CERTIFICATE) + entry.at());
        } else if (entry.kind() == Entry.Kind.NULL && known.get().takesNull()) {
            return;
        } else {
            read(entry, known.get());
        }
    }

    /** Reads a key of the file that is the same as an option. */
    void read(Entry entry, PymongoOption option) {
        List<String> texts = entry.kind() == Entry.Kind.LIST && option.kind() == Kind.TEXTS && entry.isText()
                ? entry.texts()
                : entry.kind() == Entry.Kind.SCALAR ? entry.texts() : List.of();
        boolean flag = option.kind() == Kind.FLAG && !entry.isText();
        if (texts.isEmpty() || (option.kind().isText() && !entry.isText())) {
            findings.fault(entry.key() + ": " + found(entry, option) + "; expected "
                    + option.kind().expected() + entry.at());
            return;
        }
        if (Placeholder.is(texts.get(0))) {
            findings.fault(entry.key() + ": " + Placeholder.describe(entry.key(), texts.get(0)) + entry.at());
            return;
        }
        List<String> values = texts.stream()
                .map(text -> option.normalize(flag ? text.toLowerCase(Locale.ROOT) : text))
                .filter(Objects::nonNull)
                .toList();
        if (values.size() < texts.size()) {
            findings.fault(entry.key() + ": " + found(entry, option) + "; expected "
                    + option.kind().expected() + entry.at());
        } else {
            put(new Given(entry.key() + entry.at(), option, values));
        }
    }

    private static String found(Entry entry, PymongoOption option) {
        return switch (entry.kind()) {
            case NULL -> "there is no value";
            case LIST -> "there is a list";
            case MAP -> "there is a map";
            case SCALAR ->
                option.isSecret()
                        ? "the value cannot be used"
                        : "'" + entry.texts().get(0) + "' cannot be used";
        };
    }

    /** Reads an option of a URI, where pymongo passes over what it does not know or cannot use. */
    void readParameter(String name, String value, String place) {
        Optional<PymongoOption> known = PymongoOption.find(name);
        if (known.isEmpty() || (known.get().kind() == Kind.SECRET && known.get().use() == Use.LOGIN)) {
            findings.warn(place + ": the option " + name + " of the URI is unknown, and ignored as pymongo ignores it");
            return;
        }
        PymongoOption option = known.get();
        String what = place + ", option " + name + " of the URI";
        String normal = option.normalize(value);
        if (normal != null) {
            List<String> tags =
                    option.name().equals("readPreferenceTags") ? List.of(normal.split(";", -1)) : List.of(normal);
            put(new Given(what, option, tags));
            return;
        }
        String text = what + (option.isSecret() || value.isEmpty() ? ": no usable value" : ": '" + value + "'")
                + "; expected " + option.kind().expected();
        if (option.use() == Use.TLS) {
            findings.fault(text);
        } else {
            findings.warn(text + ". It is ignored, as pymongo ignores it");
        }
    }

    void put(Given given) {
        String name = given.option().name();
        Given first = options.putIfAbsent(name, given);
        if (first == null || first.values().equals(given.values())) {
            return;
        }
        if (name.equals("readPreferenceTags")) {
            String[] all = Stream.concat(first.values().stream(), given.values().stream())
                    .toArray(String[]::new);
            options.put(name, new Given(given.place(), given.option(), Arrays.asList(all)));
        } else {
            findings.fault(given.place() + ": contradicts " + first.place() + "; give it once");
        }
    }
}
