package org.jlab.jiriaf.jrm.store.mongo;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents of a LaunchPad in which anybody may have changed anything. */
class DocumentsFuzzTest {

    private static final List<Object> VALUES = List.of(
            "",
            "text",
            "2026-13-45T99:99:99",
            0,
            -1,
            Integer.MAX_VALUE,
            Long.MIN_VALUE,
            1e300,
            Double.NaN,
            true,
            Date.from(Instant.ofEpochMilli(Long.MAX_VALUE)),
            new ObjectId(),
            Decimal128.POSITIVE_INFINITY,
            new BsonTimestamp(1),
            List.of(),
            List.of(List.of(1), "x", 1L),
            new Document(),
            new Document("a.b", new Document("$c", 1)));

    @Test
    void workflows() {
        List<String> samples =
                List.of("fw197-04-running", "fw197-06-fizzled", "fw197-24-chain-first-completed", "fw197-02-added");
        ParserFuzz.feed(samples, input -> {
            Random random = new Random(Arrays.hashCode(input));
            Document collections =
                    Golden.read(samples.get(random.nextInt(samples.size()))).get("collections", Document.class);
            for (int i = random.nextInt(8); i >= 0; i--) {
                mutate(collections, random);
            }
            read(collections);
        });
    }

    private static void read(Document collections) {
        Map<Integer, Document> fireworks =
                WorkflowReader.byId("fw_id", DocumentFields.documents(collections.get("fireworks")));
        Map<Integer, Document> launches =
                WorkflowReader.byId("launch_id", DocumentFields.documents(collections.get("launches")));
        for (Document workflow : DocumentFields.documents(collections.get("workflows"))) {
            var unused = WorkflowReader.read(workflow, fireworks, launches);
        }
        fireworks.values().forEach(WorkflowReader::launchIds);
    }

    /** Changes, removes or adds a value somewhere below. */
    private static void mutate(Object node, Random random) {
        if (node instanceof Document document && !document.isEmpty()) {
            String key = new ArrayList<>(document.keySet()).get(random.nextInt(document.size()));
            Object value = document.get(key);
            if (value != null && goesDeeper(value, random)) {
                mutate(value, random);
            } else if (random.nextInt(4) == 0) {
                document.remove(key);
            } else {
                document.put(key, any(random));
            }
        } else if (node instanceof List<?> list && !list.isEmpty()) {
            @SuppressWarnings("unchecked") // a list of a document takes any value
            List<@Nullable Object> values = (List<@Nullable Object>) list;
            int index = random.nextInt(values.size());
            Object value = values.get(index);
            if (value != null && goesDeeper(value, random)) {
                mutate(value, random);
            } else {
                values.set(index, any(random));
            }
        }
    }

    private static boolean goesDeeper(Object value, Random random) {
        return (value instanceof Document || value instanceof ArrayList) && random.nextInt(6) > 0;
    }

    private static @Nullable Object any(Random random) {
        int index = random.nextInt(VALUES.size() + 1);
        return index == VALUES.size() ? null : VALUES.get(index);
    }
}
