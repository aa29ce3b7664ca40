package org.jlab.jiriaf.jrm.site;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A user of a kubeconfig. Immutable; shows no secret.
 *
 * @param place where it stands, for messages, as in {@code kubeconfig /etc/kubeconfig: user 'jrm'}
 * @param token bearer token, or null
 * @param tokenFile file with the bearer token, read again when it changes; counts before {@code token}. Or null
 * @param login user name and password, or null
 * @param certificate client certificate, or null
 * @param exec program that gives a token or a certificate; runs only if none of the others is given. Or null
 * @param impersonation as whom requests are made, or null
 */
public record KubeconfigUser(
        String place,
        @Nullable Secret token,
        @Nullable Path tokenFile,
        @Nullable Login login,
        @Nullable ClientCertificate certificate,
        @Nullable Exec exec,
        @Nullable Impersonation impersonation) {

    static final String EXPECTED =
            "one of token, tokenFile, client-certificate with client-key, exec, username with password";

    /**
     * Basic authentication.
     *
     * @param username name of the user
     * @param password the password
     */
    public record Login(String username, Secret password) {}

    /**
     * A client certificate.
     *
     * @param certificate certificates, PEM
     * @param key private key, PEM
     */
    public record ClientCertificate(String certificate, Secret key) {}

    /**
     * As whom requests are made.
     *
     * @param user user name
     * @param uid user id, or null
     * @param groups groups
     * @param extra further attributes
     * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/">user impersonation</a>
     */
    public record Impersonation(
            String user, @Nullable String uid, List<String> groups, Map<String, List<String>> extra) {}

    /**
     * A program that gives credentials.
     *
     * @param apiVersion version of what it is told and says
     * @param command path or name of the program
     * @param args its arguments
     * @param env added to its environment
     * @param installHint what to do if it is missing, or null
     * @param provideClusterInfo whether it is told of the cluster
     * @param needsTerminal whether it only runs where a human can answer it
     * @see <a href="https://kubernetes.io/docs/reference/config-api/client-authentication.v1/">client authentication (v1)</a>
     */
    public record Exec(
            String apiVersion,
            String command,
            List<String> args,
            Map<String, Secret> env,
            @Nullable String installHint,
            boolean provideClusterInfo,
            boolean needsTerminal) {

        private static final String GROUP = "client.authentication.k8s.io/";
        private static final List<String> MODES = List.of("Never", "IfAvailable", "Always");

        private static Exec of(KubeconfigBlock block) {
            String version = block.required("apiVersion");
            if (!version.equals(GROUP + "v1") && !version.equals(GROUP + "v1beta1")) {
                throw block.fault("apiVersion " + KubeconfigBlock.shown(version) + " is not known; expected " + GROUP
                        + "v1 or " + GROUP + "v1beta1");
            }
            // Required by v1 alone.
            String mode = version.endsWith("v1") ? block.required("interactiveMode") : block.text("interactiveMode");
            if (mode != null && !MODES.contains(mode)) {
                throw block.fault("interactiveMode " + KubeconfigBlock.shown(mode) + " is not known; expected one of "
                        + String.join(", ", MODES));
            }
            return new Exec(
                    version,
                    command(block),
                    block.texts("args"),
                    env(block),
                    block.text("installHint"),
                    block.flag("provideClusterInfo"),
                    "Always".equals(mode));
        }

        private static String command(KubeconfigBlock block) {
            String command = block.required("command");
            return command.contains("/") ? block.resolved("command", command).toString() : command;
        }

        private static Map<String, Secret> env(KubeconfigBlock block) {
            Map<String, Secret> env = new LinkedHashMap<>();
            for (KubeconfigBlock variable : block.blocks("env")) {
                String value = variable.text("value");
                env.put(variable.required("name"), Secret.of(value == null ? "" : value));
            }
            return env;
        }
    }

    boolean hasCredentials() {
        return token != null || tokenFile != null || login != null || certificate != null || exec != null;
    }

    static KubeconfigUser of(KubeconfigBlock block) {
        KubeconfigUser user = new KubeconfigUser(
                block.source() + ": " + block.place(),
                token(block),
                tokenFile(block),
                login(block),
                certificate(block),
                block.has("exec") ? Exec.of(block.block("exec")) : null,
                impersonation(block));
        if (user.login != null && (user.token != null || user.tokenFile != null)) {
            throw block.fault("a token and a username or password are both given; expected one of them");
        }
        if (block.has("auth-provider")) {
            throw block.fault(
                    "auth-provider is given, which Kubernetes has removed; expected an exec plugin, a token or a"
                            + " client certificate");
        }
        return user;
    }

    private static @Nullable Secret token(KubeconfigBlock block) {
        String token = block.text("token");
        if (token != null && !isHeader(token)) {
            throw block.fault("token holds a line break or another character that no token has");
        }
        return token == null ? null : Secret.of(token);
    }

    /** Whether a text can be the value of an HTTP header. */
    public static boolean isHeader(String text) {
        return text.chars().noneMatch(c -> c < ' ' || c == 0x7f || c > 0xff);
    }

    private static @Nullable Path tokenFile(KubeconfigBlock block) {
        String file = block.text("tokenFile");
        if (file == null) {
            return null;
        }
        Path path = block.resolved("tokenFile", file);
        if (block.text("token") == null && tokenIn(block, path).isEmpty()) {
            throw block.fault("tokenFile " + path + " is empty");
        }
        return path;
    }

    static String tokenIn(KubeconfigBlock block, Path path) {
        String token = new String(block.content("tokenFile", path), StandardCharsets.UTF_8).strip();
        if (!isHeader(token)) {
            throw block.fault("tokenFile " + path + " holds more than one line, or a character that no token has");
        }
        return token;
    }

    private static @Nullable Login login(KubeconfigBlock block) {
        String username = block.text("username");
        String password = block.text("password");
        if (password != null && username == null) {
            throw block.fault("password is given without a username");
        }
        return username == null ? null : new Login(username, Secret.of(password == null ? "" : password));
    }

    private static @Nullable ClientCertificate certificate(KubeconfigBlock block) {
        byte[] certificate = block.bytes("client-certificate");
        if (certificate == null) {
            return null;
        }
        byte[] key = block.bytes("client-key");
        if (key == null) {
            throw block.fault("client-key is missing beside the client-certificate");
        }
        return new ClientCertificate(
                KubeconfigContext.certificates(block, "client-certificate", certificate),
                Secret.of(new String(key, StandardCharsets.ISO_8859_1)));
    }

    private static @Nullable Impersonation impersonation(KubeconfigBlock block) {
        String as = block.text("as");
        List<String> groups = block.texts("as-groups");
        KubeconfigBlock extras = block.block("as-user-extra");
        if (as == null) {
            if (block.has("as-uid") || !groups.isEmpty() || !extras.values().isEmpty()) {
                throw block.fault("as-uid, as-groups or as-user-extra is given without as; put a user name there");
            }
            return null;
        }
        Map<String, List<String>> extra = new LinkedHashMap<>();
        extras.values().keySet().forEach(key -> extra.put(String.valueOf(key), extras.texts(String.valueOf(key))));
        return checked(block, new Impersonation(as, block.text("as-uid"), groups, extra));
    }

    private static Impersonation checked(KubeconfigBlock block, Impersonation as) {
        List<String> values = new ArrayList<>(as.groups());
        values.add(as.user());
        values.add(as.uid() == null ? "" : as.uid());
        as.extra().values().forEach(values::addAll);
        if (!values.stream().allMatch(KubeconfigUser::isHeader)) {
            throw block.fault("as, as-uid, as-groups or as-user-extra holds a character that no HTTP header can carry");
        }
        return as;
    }
}
