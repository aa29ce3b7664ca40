package org.jlab.jiriaf.jrm.app.practice;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jlab.jiriaf.jrm.launch.LaunchEvent;
import org.jlab.jiriaf.jrm.launch.SiteLauncher;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.store.mongo.MongoWorkflowStore;

/** A launcher that runs as long as a test does. */
final class LaunchRun implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final SiteLauncher launcher;
    private final List<LaunchEvent> events = new CopyOnWriteArrayList<>();
    private final Thread thread;

    LaunchRun(ControlPlane controlPlane, SiteConfig site) {
        launcher = SiteLauncher.builder()
                .site(site)
                .workflows(new MongoWorkflowStore(controlPlane.database()))
                .tunnels(controlPlane.tunnels())
                .interval(INTERVAL)
                .onEvent(event -> {
                    System.out.println("[launcher] " + event);
                    events.add(event);
                })
                .build();
        thread = new Thread(launcher::run, "launcher of " + site.jrm().site());
        thread.start();
    }

    /** What was said of the end of a workflow; empty while it is not over. */
    String end(String workflow) {
        return events.stream()
                .filter(event -> event.subject().equals(workflow))
                .filter(event -> event.kind() == LaunchEvent.Kind.COMPLETED || event.kind() == LaunchEvent.Kind.FIZZLED)
                .map(event -> event.kind() + " " + event.message())
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        launcher.close();
        try {
            thread.join(TimeUnit.MINUTES.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
