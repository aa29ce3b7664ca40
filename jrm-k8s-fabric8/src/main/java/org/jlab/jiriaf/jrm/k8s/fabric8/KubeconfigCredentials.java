package org.jlab.jiriaf.jrm.k8s.fabric8;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.k8s.fabric8.ExecPlugin.Credential;
import org.jlab.jiriaf.jrm.site.KubeconfigContext;
import org.jlab.jiriaf.jrm.site.KubeconfigUser;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.ClientCertificate;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.Impersonation;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.Login;
import org.jspecify.annotations.Nullable;

/**
 * Says with each request who asks, and as whom. The client's own headers are not used: it does not read a token's file again, and
 * requests with settings of their own lose the impersonation. Thread-safe.
 */
final class KubeconfigCredentials implements Interceptor {

    private static final String AUTHORIZATION = "Authorization";
    private static final int UNAUTHORIZED = 401;

    private final KubeconfigUser user;
    private final boolean sent;
    private final @Nullable ExecPlugin plugin;
    private final @Nullable TokenFile tokenFile;
    private @Nullable Credential credential; // guarded by this

    KubeconfigCredentials(KubeconfigContext context, Duration pluginTimeout) {
        user = context.user();
        sent = context.sendsCredentials();
        tokenFile = user.tokenFile() == null ? null : new TokenFile(user, user.tokenFile(), Clock.systemUTC());
        boolean others = user.token() != null || user.tokenFile() != null || user.login() != null;
        plugin = user.exec() == null || others || !sent
                ? null
                : new ExecPlugin(user.exec(), user.place(), context.cluster(), pluginTimeout);
    }

    @Override
    public void before(BasicBuilder request, HttpRequest original, RequestTags tags) {
        authorize(request);
        Impersonation as = user.impersonation();
        if (as != null) {
            impersonate(request, as);
        }
    }

    private void authorize(BasicBuilder request) {
        String value = sent ? authorization() : null;
        if (value != null) {
            request.setHeader(AUTHORIZATION, value);
        }
    }

    private @Nullable String authorization() {
        Login login = user.login();
        if (login != null) {
            String both = login.username() + ":" + login.password().reveal();
            return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
        }
        String token = token();
        return token == null ? null : "Bearer " + token;
    }

    private @Nullable String token() {
        if (tokenFile != null) {
            return tokenFile.token();
        }
        Secret token = user.token();
        if (token == null && plugin != null) {
            token = credential(plugin).token();
        }
        return token == null ? null : token.reveal();
    }

    private synchronized Credential credential(ExecPlugin program) {
        if (credential == null || credential.isExpired()) {
            credential = program.run();
        }
        return credential;
    }

    /** The client certificate of now, or null. */
    @Nullable
    ClientCertificate certificate() {
        if (!sent) {
            return null;
        }
        return user.certificate() != null || plugin == null
                ? user.certificate()
                : credential(plugin).certificate();
    }

    /** Whether the certificate comes from a program, and so can be another one later. */
    boolean givesCertificates() {
        return plugin != null && user.certificate() == null;
    }

    private static void impersonate(BasicBuilder request, Impersonation as) {
        request.setHeader("Impersonate-User", as.user());
        if (as.uid() != null) {
            request.setHeader("Impersonate-Uid", as.uid());
        }
        as.groups().forEach(group -> request.header("Impersonate-Group", group));
        as.extra()
                .forEach((key, values) ->
                        values.forEach(value -> request.header("Impersonate-Extra-" + escaped(key), value)));
    }

    /** As client-go: what no header name can hold is percent-encoded; case does not count. */
    private static String escaped(String key) {
        StringBuilder name = new StringBuilder();
        for (byte b : key.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$&'*+-.^_`|~".indexOf(c) >= 0) {
                name.append(c);
            } else {
                name.append(String.format(Locale.ROOT, "%%%02x", (int) c));
            }
        }
        return name.toString();
    }

    /** Credentials of a program can have been withdrawn before they expire. */
    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder request, HttpResponse<?> response, RequestTags tags) {
        if (tokenFile != null && response.code() == UNAUTHORIZED) {
            tokenFile.refused();
        }
        if (plugin == null || response.code() != UNAUTHORIZED) {
            return CompletableFuture.completedFuture(false);
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    synchronized (this) {
                        credential = null;
                    }
                    authorize(request);
                    return true;
                },
                ExecPlugin::inThread);
    }
}
