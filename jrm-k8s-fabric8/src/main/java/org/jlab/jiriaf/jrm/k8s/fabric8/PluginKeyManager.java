package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jlab.jiriaf.jrm.site.KubeconfigUser.ClientCertificate;
import org.jspecify.annotations.Nullable;

/** Shows the client certificate that a program gave last. Thread-safe. */
final class PluginKeyManager extends X509ExtendedKeyManager {

    private final String place;
    private final KubeconfigCredentials credentials;
    private @Nullable ClientCertificate shown; // guarded by this
    private @Nullable X509ExtendedKeyManager manager; // guarded by this

    PluginKeyManager(String place, KubeconfigCredentials credentials) {
        this.place = place;
        this.credentials = credentials;
    }

    private synchronized @Nullable X509ExtendedKeyManager current() {
        ClientCertificate now = credentials.certificate();
        if (now == null) {
            return null;
        }
        if (!now.equals(shown)) {
            manager = (X509ExtendedKeyManager) KubeconfigClient.keys(place, now)[0];
            shown = now;
        }
        return manager;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        X509ExtendedKeyManager keys = current();
        return keys == null ? null : keys.chooseEngineClientAlias(keyType, issuers, engine);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        X509ExtendedKeyManager keys = current();
        return keys == null ? null : keys.chooseClientAlias(keyType, issuers, socket);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        X509ExtendedKeyManager keys = current();
        return keys == null ? null : keys.getClientAliases(keyType, issuers);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        X509ExtendedKeyManager keys = current();
        return keys == null ? null : keys.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        X509ExtendedKeyManager keys = current();
        return keys == null ? null : keys.getPrivateKey(alias);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
