package org.jlab.jiriaf.jrm.k8s.fabric8;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Wants {@code tls-server-name} in the certificate, besides what another trust manager wants. Java is content with the host of the
 * URL, too, which leads to whatever listens at the end of a tunnel. Immutable.
 */
final class ServerNameTrustManager extends X509ExtendedTrustManager {

    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private final X509ExtendedTrustManager authorities;
    private final String name;

    ServerNameTrustManager(X509ExtendedTrustManager authorities, String name) {
        this.authorities = authorities;
        this.name = normal(name);
    }

    private static String normal(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkServerTrusted(chain, authType);
        requireName(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkServerTrusted(chain, authType, socket);
        requireName(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authorities.checkServerTrusted(chain, authType, engine);
        requireName(chain[0]);
    }

    private void requireName(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        for (List<?> entry : names == null ? List.<List<?>>of() : names) {
            if (entry.get(1) instanceof String text && matches(entry.get(0), normal(text))) {
                return;
            }
        }
        throw new CertificateException("it is not for the tls-server-name of the kubeconfig, " + name);
    }

    /** RFC 6125 as Go reads it: an asterisk is the whole first label and stands for one label. */
    private boolean matches(Object kind, String pattern) {
        if (kind.equals(ADDRESS)) {
            return pattern.equals(name);
        }
        if (!kind.equals(DNS)) {
            return false;
        }
        int dot = name.indexOf('.');
        return pattern.equals(name)
                || (dot > 0 && pattern.startsWith("*.") && pattern.substring(1).equals(name.substring(dot)));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        authorities.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }
}
