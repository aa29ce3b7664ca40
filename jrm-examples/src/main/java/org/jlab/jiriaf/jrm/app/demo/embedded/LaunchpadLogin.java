package org.jlab.jiriaf.jrm.app.demo.embedded;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import io.netty.channel.Channel;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks each connection to log in before it may do anything: MongoDB's {@code saslStart} and {@code saslContinue}. The embedded
 * server has none of its own, and its port is forwarded to a login node where others work, too.
 */
final class LaunchpadLogin {

    /** What a client may ask before it has logged in, as MongoDB allows. */
    private static final Set<String> OPEN = Set.of(
            "ismaster",
            "hello",
            "buildinfo",
            "ping",
            "whatsmyuri",
            "endsessions",
            "saslstart",
            "saslcontinue",
            "logout");

    private static final int UNAUTHORIZED = 13;
    private static final int AUTHENTICATION_FAILED = 18;

    private record Attempt(ScramServer.Conversation conversation, boolean skipEmptyExchange, boolean proved) {}

    private final ScramServer scram;
    private final Map<Channel, Attempt> attempts = new ConcurrentHashMap<>();
    private final Set<Channel> admitted = ConcurrentHashMap.newKeySet();

    LaunchpadLogin(ScramServer scram) {
        this.scram = scram;
    }

    /** Refuses what only those who have logged in may do. */
    void require(Channel channel, String command) {
        if (!admitted.contains(channel) && !OPEN.contains(command.toLowerCase(Locale.ROOT))) {
            throw new MongoServerError(UNAUTHORIZED, "Unauthorized", "command " + command + " requires authentication");
        }
    }

    /** Answers the commands of a login; null for any other command. */
    @Nullable
    Document answer(Channel channel, String command, Document query) {
        return switch (command.toLowerCase(Locale.ROOT)) {
            case "saslstart" -> start(channel, query);
            case "saslcontinue" -> proceed(channel, query);
            case "logout" -> logout(channel);
            default -> null;
        };
    }

    /** Tells a client that asks which mechanisms it may use. */
    static void offer(Document query, Document reply) {
        if (query.containsKey("saslSupportedMechs")) {
            reply.append(
                    "saslSupportedMechs",
                    Stream.of(ScramMechanism.values())
                            .map(mechanism -> mechanism.wireName)
                            .toList());
        }
    }

    void forget(Channel channel) {
        attempts.remove(channel);
        admitted.remove(channel);
    }

    private Document start(Channel channel, Document query) {
        boolean skipEmptyExchange = query.get("options") instanceof Document options
                && Boolean.TRUE.equals(options.get("skipEmptyExchange"));
        ScramServer.Conversation conversation = scram.begin(String.valueOf(query.get("mechanism")), payload(query))
                .orElseThrow(LaunchpadLogin::failed);
        attempts.put(channel, new Attempt(conversation, skipEmptyExchange, false));
        return reply(conversation.challenge(), false);
    }

    private Document proceed(Channel channel, Document query) {
        Attempt attempt = attempts.remove(channel);
        if (attempt == null) {
            throw failed();
        }
        if (attempt.proved) {
            admitted.add(channel);
            return reply(new byte[0], true);
        }
        byte[] verifier = attempt.conversation.finish(payload(query));
        if (verifier == null) {
            throw failed();
        }
        if (attempt.skipEmptyExchange) {
            admitted.add(channel);
        } else {
            attempts.put(channel, new Attempt(attempt.conversation, false, true));
        }
        return reply(verifier, attempt.skipEmptyExchange);
    }

    private Document logout(Channel channel) {
        forget(channel);
        return new Document("ok", 1.0);
    }

    private static Document reply(byte[] payload, boolean done) {
        return new Document("conversationId", 1)
                .append("done", done)
                .append("payload", new BinData(payload))
                .append("ok", 1.0);
    }

    private static byte[] payload(Document query) {
        Object payload = query.get("payload");
        if (payload instanceof BinData binary) {
            return binary.getData();
        }
        return payload instanceof byte[] bytes ? bytes : new byte[0];
    }

    private static MongoServerError failed() {
        return new MongoServerError(AUTHENTICATION_FAILED, "AuthenticationFailed", "Authentication failed.");
    }
}
