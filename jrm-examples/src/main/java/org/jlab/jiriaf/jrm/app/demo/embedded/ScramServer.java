package org.jlab.jiriaf.jrm.app.demo.embedded;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/** The server's side of SCRAM for one user. Keeps keys derived from the password, not the password. Thread-safe. */
final class ScramServer {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 24;

    /** What a server keeps of a password: enough to check a proof, not enough to make one. */
    private static final class Credential {

        final byte[] salt = random(SALT_BYTES);
        final byte[] storedKey;
        final byte[] serverKey;

        Credential(ScramMechanism mechanism, String preparedPassword) {
            byte[] salted = mechanism.saltedPassword(preparedPassword, salt);
            storedKey = mechanism.hash(mechanism.hmac(salted, "Client Key"));
            serverKey = mechanism.hmac(salted, "Server Key");
        }
    }

    private final String username;
    private final Map<ScramMechanism, Credential> credentials = new EnumMap<>(ScramMechanism.class);

    ScramServer(String username, Secret password) {
        this.username = username;
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            String prepared = mechanism.prepare(username, password.reveal());
            credentials.put(mechanism, new Credential(mechanism, prepared));
        }
    }

    /**
     * Begins a conversation.
     *
     * @param mechanismName what the client asks for
     * @param clientFirst its first message
     * @return the conversation, or empty if the client asks for something else or says something that is no SCRAM
     */
    Optional<Conversation> begin(String mechanismName, byte[] clientFirst) {
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            if (mechanism.wireName.equals(mechanismName)) {
                String message = new String(clientFirst, StandardCharsets.UTF_8);
                String bare = message.startsWith("n,,") ? message.substring(3) : "";
                Map<String, String> fields = fields(bare);
                String name = fields.get("n");
                String nonce = fields.get("r");
                return name == null || nonce == null
                        ? Optional.empty()
                        : Optional.of(new Conversation(mechanism, unescape(name), nonce, bare));
            }
        }
        return Optional.empty();
    }

    /** One login in progress; used by one connection. */
    final class Conversation {

        private final ScramMechanism mechanism;
        private final Credential credential;
        private final boolean knownUser;
        private final String nonce;
        private final String clientFirstBare;
        private final String serverFirst;

        private Conversation(ScramMechanism mechanism, String name, String clientNonce, String clientFirstBare) {
            this.mechanism = mechanism;
            this.credential = Objects.requireNonNull(credentials.get(mechanism));
            // A stranger is told nothing until the end, when every wrong proof looks the same.
            this.knownUser = name.equals(username);
            this.nonce = clientNonce + Base64.getEncoder().encodeToString(random(NONCE_BYTES));
            this.clientFirstBare = clientFirstBare;
            this.serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(credential.salt) + ",i="
                    + mechanism.iterations;
        }

        /** The server's first message. */
        byte[] challenge() {
            return serverFirst.getBytes(StandardCharsets.UTF_8);
        }

        /**
         * Checks the client's proof.
         *
         * @param clientFinal its final message
         * @return the server's final message, or null if the client does not know the password
         */
        byte @Nullable [] finish(byte[] clientFinal) {
            String message = new String(clientFinal, StandardCharsets.UTF_8);
            Map<String, String> fields = fields(message);
            String proof = fields.get("p");
            int proofAt = message.lastIndexOf(",p=");
            if (proof == null || proofAt < 0 || !nonce.equals(fields.get("r")) || !"biws".equals(fields.get("c"))) {
                return null;
            }
            String signed = clientFirstBare + "," + serverFirst + "," + message.substring(0, proofAt);
            byte[] signature = mechanism.hmac(credential.storedKey, signed);
            byte[] clientKey = xor(signature, decode(proof));
            boolean proved = MessageDigest.isEqual(mechanism.hash(clientKey), credential.storedKey);
            if (!proved || !knownUser) {
                return null;
            }
            byte[] verifier = mechanism.hmac(credential.serverKey, signed);
            return ("v=" + Base64.getEncoder().encodeToString(verifier)).getBytes(StandardCharsets.UTF_8);
        }
    }

    private static Map<String, String> fields(String message) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : message.split(",", -1)) {
            if (field.length() > 1 && field.charAt(1) == '=') {
                fields.putIfAbsent(field.substring(0, 1), field.substring(2));
            }
        }
        return fields;
    }

    private static String unescape(String name) {
        return name.replace("=2C", ",").replace("=3D", "=");
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static byte[] xor(byte[] left, byte[] right) {
        byte[] result = left.clone();
        for (int i = 0; i < result.length && right.length == left.length; i++) {
            result[i] ^= right[i];
        }
        return result;
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
