package org.jlab.jiriaf.jrm.site;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.internal.BoundedFile;
import org.jspecify.annotations.Nullable;

/**
 * A block of keys of a kubeconfig, such as one cluster. Faults name the file, the block and the key, and never a value that may
 * be a secret.
 *
 * @param source which kubeconfig, for messages
 * @param file the kubeconfig, against whose folder relative paths are resolved; null if it is a text from somebody else, whose
 *     files are not read
 * @param place which block, as in {@code user 'jrm'}
 * @param values its keys
 */
record KubeconfigBlock(String source, @Nullable Path file, String place, Map<?, ?> values) {

    private static final String DATA = "-data";

    /** Certificates, keys and tokens are far smaller. */
    private static final int MAX_BYTES = 1_000_000;

    private static final int MAX_SHOWN = 200;

    boolean has(String key) {
        Object value = values.get(key);
        return value != null && !value.equals("");
    }

    /** The text of a key, or null where it is absent, null or empty, which count as the same. */
    @Nullable
    String text(String key) {
        if (!has(key)) {
            return null;
        }
        return asText(key, values.get(key));
    }

    String required(String key) {
        String text = text(key);
        if (text == null || text.isBlank()) {
            throw fault(key + " is missing");
        }
        return text;
    }

    boolean flag(String key) {
        Object value = values.get(key);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw fault(key + " is " + kind(value) + "; expected true or false");
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (Object item : list(key)) {
            texts.add(asText(key, item));
        }
        return texts;
    }

    List<KubeconfigBlock> blocks(String key) {
        List<KubeconfigBlock> blocks = new ArrayList<>();
        for (Object item : list(key)) {
            blocks.add(block(place + ": " + key, item));
        }
        return blocks;
    }

    private List<?> list(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw fault(key + " is " + kind(value) + "; expected a list");
    }

    /** The block below a key; an empty one where it is absent. */
    KubeconfigBlock block(String key) {
        Object value = values.get(key);
        return block(place + ": " + key, value == null ? Map.of() : value);
    }

    KubeconfigBlock block(String named, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return new KubeconfigBlock(source, file, named, map);
        }
        throw new SiteConfigException(source, List.of(named + " is " + kind(value) + "; expected a block of keys"));
    }

    /** Whether a key is there as a file or as data. */
    boolean hasBytes(String key) {
        return has(key) || has(key + DATA);
    }

    /** The content of a key that is there as a file or as base64 data, or null. As kubectl, not both. */
    byte @Nullable [] bytes(String key) {
        String data = text(key + DATA);
        String path = text(key);
        if (data != null && path != null) {
            throw fault(key + " and " + key + DATA + " are both given; expected one of them");
        }
        if (data != null) {
            return decoded(key + DATA, data);
        }
        return path == null ? null : content(key, resolved(key, path));
    }

    private byte[] decoded(String key, String base64) {
        try {
            // Line breaks are left out by Go's decoder as well.
            return Base64.getDecoder().decode(base64.replaceAll("[\\r\\n]", ""));
        } catch (IllegalArgumentException e) {
            // Without the cause, whose message holds a part of the value.
            throw fault(key + " is not base64; expected what 'base64 -w0 FILE' prints");
        }
    }

    /** The path that a key names; relative ones lie beside the kubeconfig. */
    Path resolved(String key, String path) {
        if (file == null) {
            throw fault(key + " is a file, and files are not read here; send what 'kubectl config view --raw --minify"
                    + " --flatten' prints");
        }
        if (path.indexOf('\0') >= 0) {
            throw fault(key + " is no path");
        }
        return file.toAbsolutePath().resolveSibling(path);
    }

    byte[] content(String key, Path path) {
        try {
            return BoundedFile.read(path, MAX_BYTES)
                    .orElseThrow(() -> fault(key + " " + path + " is larger than " + MAX_BYTES + " bytes"));
        } catch (IOException e) {
            throw fault(key + " " + path + " " + why(e));
        }
    }

    /** What is wrong with a file, to follow its name. */
    static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "does not exist";
        }
        return e instanceof AccessDeniedException
                ? "may not be read by this user"
                : "cannot be read: " + e.getMessage();
    }

    /** A value that is no secret, for a message. */
    static String shown(String value) {
        return "'" + SiteFields.visible(value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + ".." : value)
                + "'";
    }

    SiteConfigException fault(String what) {
        return new SiteConfigException(source, List.of(place + ": " + what));
    }

    private String asText(String key, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        boolean scalar = value instanceof Number || value instanceof Boolean;
        throw fault(key + " is " + kind(value) + "; expected text" + (scalar ? ", so put it in quotes" : ""));
    }

    private static String kind(@Nullable Object value) {
        if (value instanceof Map) {
            return "a block";
        }
        if (value instanceof List) {
            return "a list";
        }
        if (value instanceof Boolean) {
            return "true or false";
        }
        if (value instanceof Number) {
            return "a number";
        }
        return value == null ? "empty" : "text";
    }
}
