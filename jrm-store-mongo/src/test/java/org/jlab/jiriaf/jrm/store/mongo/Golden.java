package org.jlab.jiriaf.jrm.store.mongo;

import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Documents that real FireWorks left in a database; see {@code src/test/resources/golden}. */
final class Golden {

    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");

    private Golden() {}

    static Document read(String name) {
        try (InputStream in =
                Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/" + name + ".json"), name)) {
            return Document.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Document> collection(String name, String collection) {
        return read(name).get("collections", Document.class).getList(collection, Document.class, List.of());
    }

    static void load(String name, MongoDatabase database) {
        read(name).get("collections", Document.class).forEach((collection, documents) -> {
            List<Document> all = DocumentFields.documents(documents);
            if (!all.isEmpty()) {
                database.getCollection(collection).insertMany(all);
            }
        });
    }

    /** Takes out what is different each time but keeps its type and form: ids made by chance, moments and durations. */
    static @Nullable Object neutral(@Nullable Object value) {
        if (value instanceof Document document) {
            Document neutral = new Document();
            document.forEach((key, inner) -> neutral.append(key, neutral(inner)));
            return neutral;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> neutral = new ArrayList<>();
            list.forEach(inner -> neutral.add(neutral(inner)));
            return neutral;
        }
        if (value instanceof ObjectId) {
            return "<ObjectId>";
        }
        if (value instanceof Date) {
            return "<date>";
        }
        if (value instanceof Double) {
            return "<double>";
        }
        return value instanceof String text && DATE.matcher(text).matches() ? "<date as text>" : value;
    }
}
