package org.jlab.jiriaf.jrm.store.mongo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.Document;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.DocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.jspecify.annotations.Nullable;

/** Stands between a client and a server and lets one command go wrong, before the server sees it or after. */
final class CuttingProxy extends WireProxy {

    /** What goes wrong. */
    enum Lost {
        /** The connection breaks before the server has seen the command. */
        REQUEST,
        /** The connection breaks when the server has carried it out. */
        ANSWER,
        /** The server has just ceased to be the primary: it does nothing. */
        NOT_PRIMARY,
        /** The server ceases to be the primary when it has carried the command out. */
        STEPPED_DOWN,
        /** The same, and it says so beside its answer: the write may be undone by the new primary, here it is not. */
        NOT_REPLICATED
    }

    /** Hellos of the driver's monitor do not count. */
    private static final Pattern COMMAND =
            Pattern.compile("(?s).{20,40}(find|insert|update|delete|findAndModify|aggregate)\\x00.*");

    private static final Pattern WRITE = Pattern.compile("(?s).{20,40}(insert|update|delete|findAndModify)\\x00.*");

    /** Header of 16 bytes, flags, kind of section. */
    private static final int PREFIX = 21;

    private final AtomicInteger countdown = new AtomicInteger();
    private volatile Lost lost = Lost.REQUEST;

    CuttingProxy(InetSocketAddress server) {
        super(server);
        start();
    }

    /** Lets the command of that number from now on go wrong, 1 being the next. */
    void cutAt(int command, Lost what) {
        lost = what;
        countdown.set(command);
    }

    boolean hasCut() {
        return countdown.get() <= 0;
    }

    @Override
    byte @Nullable [] answer(byte[] request, Server server) throws IOException {
        if (!matches(COMMAND, request) || countdown.decrementAndGet() != 0) {
            return server.answer(request);
        }
        if (lost == Lost.REQUEST) {
            return null;
        }
        // From the server's own list of errors, src/mongo/base/error_codes.yml.
        if (lost == Lost.NOT_PRIMARY) {
            return answer(request, error(10107, "NotWritablePrimary", "not primary"));
        }
        byte[] answer = server.answer(request);
        return switch (lost) {
            case STEPPED_DOWN ->
                answer(request, error(11602, "InterruptedDueToReplStateChange", "operation was interrupted"));
            case NOT_REPLICATED ->
                matches(WRITE, request)
                        ? answer(
                                request,
                                document(answer)
                                        .append(
                                                "writeConcernError",
                                                error(189, "PrimarySteppedDown", "primary stepped down")))
                        : answer;
            default -> null;
        };
    }

    private static boolean matches(Pattern pattern, byte[] request) {
        return pattern.matcher(begin(request)).matches();
    }

    private static Document error(int code, String name, String message) {
        return new Document("ok", 0.0)
                .append("code", code)
                .append("codeName", name)
                .append("errmsg", message);
    }

    private static Document document(byte[] message) {
        ByteBuffer body =
                ByteBuffer.wrap(message, PREFIX, message.length - PREFIX).slice();
        try (BsonBinaryReader reader = new BsonBinaryReader(body)) {
            return new DocumentCodec().decode(reader, DecoderContext.builder().build());
        }
    }

    /** An OP_MSG of one document. */
    private static byte[] answer(byte[] request, Document body) {
        try (BasicOutputBuffer buffer = new BasicOutputBuffer();
                BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
            new DocumentCodec().encode(writer, body, EncoderContext.builder().build());
            byte[] bson = buffer.toByteArray();
            int requestId =
                    ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
            return ByteBuffer.allocate(PREFIX + bson.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(PREFIX + bson.length)
                    .putInt(requestId)
                    .putInt(requestId)
                    .putInt(2013)
                    .putInt(0)
                    .put((byte) 0)
                    .put(bson)
                    .array();
        }
    }
}
