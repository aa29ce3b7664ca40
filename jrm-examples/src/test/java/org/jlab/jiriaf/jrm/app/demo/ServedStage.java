package org.jlab.jiriaf.jrm.app.demo;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jlab.jiriaf.jrm.app.cli.Jrm;

/**
 * The embedded site with {@code jrm serve} on it. As a program it prints where both are, and goes on until its standard input
 * ends.
 */
public final class ServedStage implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Pattern URL = Pattern.compile("Listening on (\\S+)");

    private final Stage stage;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final String url;

    /**
     * Sets it up.
     *
     * @param nodes nodes that the site file asks for
     * @param customMetricsPorts ports of the applications on each
     */
    public ServedStage(int nodes, List<Integer> customMetricsPorts) {
        stage = Stage.open(nodes, customMetricsPorts);
        url = serve();
    }

    private String serve() {
        String controlPlane = stage.network().controlPlane().getHostAddress();
        List<String> arguments = new ArrayList<>(List.of("serve", "--listen", "127.0.0.1:0"));
        arguments.addAll(List.of("--launchpad", stage.launchpadFile().toString()));
        arguments.addAll(List.of("--kubeconfig", stage.kubeconfig().toString()));
        arguments.addAll(List.of(
                "--ssh-config", "none", "--known-hosts", stage.knownHosts().toString()));
        arguments.addAll(List.of("--bind-address", controlPlane, "--apiserver-host", controlPlane));
        Future<Integer> ended = executor.submit(() -> Jrm.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new)));
        Polling.until(() -> ended.isDone() || URL.matcher(out.toString()).find(), TIMEOUT);
        Matcher listening = URL.matcher(out.toString());
        if (!listening.find()) {
            throw new IllegalStateException("The service does not start: " + err);
        }
        return listening.group(1);
    }

    /** Where the service is. */
    public String url() {
        return url;
    }

    /** The site. */
    Stage stage() {
        return stage;
    }

    /** The site file. */
    public String siteFile() {
        return stage.siteFile().toString();
    }

    /** What the service said. */
    public String log() {
        return err.toString();
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("The service does not end: " + err);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stage.close();
        }
    }

    /**
     * Runs it.
     *
     * @param arguments none
     * @throws java.io.IOException if the standard input cannot be read
     */
    public static void main(String[] arguments) throws java.io.IOException {
        try (ServedStage served = new ServedStage(1, List.of(2221))) {
            System.out.println(served.url() + " " + served.siteFile());
            while (System.in.read() >= 0) {
                // Nothing is said; the end is what counts.
            }
            System.err.print(served.log());
        }
        System.exit(0);
    }
}
