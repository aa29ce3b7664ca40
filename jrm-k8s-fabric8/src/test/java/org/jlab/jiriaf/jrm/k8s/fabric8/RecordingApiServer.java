package org.jlab.jiriaf.jrm.k8s.fabric8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;

/** An API server that writes down who asks it, over https or http. Its certificate is for 127.0.0.1,
 * cp.example.org and *.wild.example.org. */
final class RecordingApiServer implements AutoCloseable {

    private static final byte[] VERSION =
            "{\"major\":\"1\",\"minor\":\"31\",\"gitVersion\":\"v1.31.0\"}".getBytes(StandardCharsets.UTF_8);

    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private volatile boolean asksForCertificates;
    private final HttpsServer https;
    private final HttpServer http;

    /** Makes certificate and key, as server.crt and server.key in a folder. */
    RecordingApiServer(Path folder) throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        https = HttpsServer.create(any, 0);
        https.setHttpsConfigurator(new HttpsConfigurator(tls(folder)) {
            @Override
            public void configure(HttpsParameters parameters) {
                parameters.setWantClientAuth(asksForCertificates);
            }
        });
        http = HttpServer.create(any, 0);
        for (HttpServer server : List.of(https, http)) {
            server.createContext("/", this::answer);
            server.setExecutor(executor);
            server.start();
        }
    }

    private static SSLContext tls(Path folder) throws Exception {
        Path store = folder.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "jrm",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=jrm",
                        "-ext",
                        "bc=ca:true",
                        "-ext",
                        "san=ip:127.0.0.1,dns:cp.example.org,dns:*.wild.example.org",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + Files.readString(folder.resolve("keytool.log")));
        }
        char[] password = "changeit".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), password);
        pem(
                folder.resolve("server.crt"),
                "CERTIFICATE",
                keys.getCertificate("jrm").getEncoded());
        pem(
                folder.resolve("server.key"),
                "PRIVATE KEY",
                keys.getKey("jrm", password).getEncoded());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("jrm", keys.getCertificate("jrm"));
        trust.init(trusted);
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static void pem(Path file, String kind, byte[] content) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null && refused.contains(authorization)) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            requests.add(described(exchange));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, VERSION.length);
            exchange.getResponseBody().write(VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String described(HttpExchange exchange) {
        TreeMap<String, String> said = new TreeMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> {
            String key = name.toLowerCase(Locale.ROOT);
            if (key.startsWith("authorization") || key.startsWith("impersonate")) {
                said.put(key, String.join("+", values));
            }
        });
        if (exchange instanceof HttpsExchange secure && asksForCertificates) {
            said.put("certificate", subject(secure));
        }
        List<String> words = new ArrayList<>();
        words.add(exchange.getRequestURI().getPath());
        said.forEach((name, value) -> words.add(name + "=" + value));
        return String.join(" ", words);
    }

    private static String subject(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "none";
        }
    }

    /** From now on a value of the header Authorization is answered with 401 and not written down. */
    void refuse(String authorization) {
        refused.add(authorization);
    }

    /** From now on clients may show a certificate, which is written down; any that this server's own key signed. */
    void askForCertificates() {
        asksForCertificates = true;
    }

    String https() {
        return "127.0.0.1:" + https.getAddress().getPort();
    }

    String http() {
        return "127.0.0.1:" + http.getAddress().getPort();
    }

    /** The last request since the last question, or "nothing". */
    String last() {
        List<String> seen = new ArrayList<>();
        requests.drainTo(seen);
        return seen.isEmpty() ? "nothing" : seen.get(seen.size() - 1);
    }

    @Override
    public void close() {
        https.stop(0);
        http.stop(0);
        executor.shutdownNow();
    }
}
