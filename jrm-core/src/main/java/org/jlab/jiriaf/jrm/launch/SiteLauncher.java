package org.jlab.jiriaf.jrm.launch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.host.HostScheduler;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.journal.ProcessIdentity;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;
import org.jlab.jiriaf.jrm.workflow.WorkflowWatch;
import org.jspecify.annotations.Nullable;

/**
 * Launches the workflows of one site over SSH: takes READY ones by FireWorks' own reservation protocol, so that agents at the
 * site can serve the same LaunchPad at once; writes their scripts into a launch folder at the site; submits a job for each;
 * follows all jobs with one question to the batch system per interval; and keeps the states in the LaunchPad true until each
 * job has ended, COMPLETED or FIZZLED with the reason. A workflow that is deleted, paused or defused loses its job.
 *
 * <p>Everything that matters is in the LaunchPad, in the batch system and in the launch folders. A launcher that is killed at
 * any point can be started again, on this host or another: it takes up what it finds, and nothing is launched twice. Several
 * launchers can serve one site. Only launches of jrm are followed, those of FireWorks' agents are left alone.
 *
 * <p>{@link #run} and {@link #pass} are for one thread at a time; {@link #close} may come from any.
 */
public final class SiteLauncher implements AutoCloseable {

    /** Where launch folders are made by default, below the user's home directory at the site. */
    public static final String DEFAULT_FOLDER = "jrm-launch/launches";

    /** How often jobs are asked for by default. */
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);

    /** How often work is looked for: one small question to the LaunchPad, which need not tell of changes by itself. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

    private final LaunchContext context;
    private final TunnelManager tunnels;
    private final String folder;
    private final Duration interval;
    private final LaunchSubmitter taker;
    private final JobTracker follower;
    private final LaunchSignals signals;
    private final SubmissionDelay submissions; // guarded by passing

    private final ReentrantLock passing = new ReentrantLock();
    private @Nullable LoginSession session; // guarded by passing
    private @Nullable String base; // guarded by passing
    private int alive; // guarded by passing

    private SiteLauncher(Builder builder, SiteConfig site, WorkflowStore workflows, TunnelManager tunnels) {
        BatchScheduler scheduler = builder.scheduler != null
                ? builder.scheduler
                : site.jrm().profile().scriptStart().isBatch() ? new SlurmScheduler() : new HostScheduler();
        this.context = new LaunchContext(
                site,
                workflows,
                workflows.launchQueue(),
                scheduler,
                ProcessIdentity.current(builder.hostName == null ? localHostName() : builder.hostName),
                builder.clock,
                CALL_TIMEOUT,
                builder.onEvent);
        this.tunnels = tunnels;
        this.folder = builder.folder;
        this.interval = builder.interval;
        this.taker = new LaunchSubmitter(context, interval);
        this.follower = new JobTracker(context);
        this.submissions = new SubmissionDelay(builder.clock, interval);
        this.signals = new LaunchSignals(context.category(), follower::follows);
    }

    private static String localHostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("This host does not know its own name; set hostName", e);
        }
    }

    /**
     * Begins to make a launcher.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * One pass: brings what is launched up to date, then launches what is READY.
     *
     * @return how many launches of jrm are waiting or running at the site
     * @throws org.jlab.jiriaf.jrm.tunnel.TunnelException if the site cannot be reached
     * @throws JrmException if the batch system or the LaunchPad does not answer
     */
    public int pass() {
        passing.lock();
        try {
            int alive = follow();
            taker.retryAtOnce();
            return alive + take();
        } finally {
            passing.unlock();
        }
    }

    private int follow() {
        int before = alive;
        alive = follower.follow(session());
        if (alive < before) {
            // There may be room for another job.
            submissions.succeeded();
            taker.retryAtOnce();
        }
        return alive;
    }

    private int take() {
        LaunchSubmitter.Taken taken = taker.takeAll(session(), base());
        follower.add(taken.submitted());
        alive += taken.submitted().size();
        if (taken.stopped()) {
            submissions.failed();
        } else {
            submissions.succeeded();
        }
        return taken.submitted().size();
    }

    /**
     * Launches and follows until this launcher is closed or the thread interrupted. Once it runs, a site or LaunchPad that
     * cannot be reached is reported as an event and tried again; jobs go on meanwhile. A workflow that the batch
     * system does not take is tried again after the interval, then after twice that time, up to {@value
     * SubmissionDelay#LONGEST} times; others are launched meanwhile. If it takes none of several, all wait in that way. When a
     * job has ended, all are tried again at once.
     *
     * @throws JrmException if it cannot begin for a reason that does not pass: a key that is refused, say
     */
    public void run() {
        WorkflowWatch watch = context.workflows().watch(signals);
        try {
            boolean begun = false;
            long next = System.nanoTime();
            while (signals.isOpen()) {
                boolean due = System.nanoTime() - next >= 0;
                try {
                    step(due);
                    begun = true;
                } catch (JrmException e) {
                    if (!begun && !e.isTransient()) {
                        throw e;
                    }
                    reportFailure(e);
                    signals.holdBack();
                    due = true;
                }
                if (due) {
                    next = System.nanoTime() + interval.toNanos();
                }
                signals.await(next, LOOK_INTERVAL.toNanos());
            }
        } finally {
            watch.close();
        }
    }

    /** Looks for work; follows the jobs if a pass is due or one of them may have to end. */
    void step(boolean due) {
        boolean end = signals.beginStep();
        passing.lock();
        try {
            if (due || end) {
                follow();
            }
            if (submissions.isDue()) {
                take();
            }
        } finally {
            passing.unlock();
        }
    }

    private void reportFailure(JrmException e) {
        if (!signals.isOpen()) {
            return;
        }
        context.event(context.category(), LaunchEvent.Kind.RETRYING, String.valueOf(e.getMessage()));
        if (!e.isTransient()) {
            closeSession();
        }
    }

    private LoginSession session() {
        if (!signals.isOpen()) {
            throw new IllegalStateException("This launcher is closed");
        }
        if (session == null) {
            session = tunnels.connect(context.site().ssh().route(), CALL_TIMEOUT);
        }
        return session;
    }

    private String base() {
        if (base == null) {
            base = new LaunchFolders(session(), CALL_TIMEOUT).base(folder);
        }
        return base;
    }

    private void closeSession() {
        passing.lock();
        try {
            if (session != null) {
                session.close();
                session = null;
            }
        } finally {
            passing.unlock();
        }
    }

    /** Ends {@link #run} and the connection. Jobs go on; the next launcher takes them up. Closing twice is harmless. */
    @Override
    public void close() {
        signals.close();
        closeSession();
    }

    /** Makes a launcher. */
    public static final class Builder {

        private @Nullable SiteConfig site;
        private @Nullable WorkflowStore workflows;
        private @Nullable TunnelManager tunnels;
        private @Nullable BatchScheduler scheduler;
        private @Nullable String hostName;
        private String folder = DEFAULT_FOLDER;
        private Duration interval = DEFAULT_INTERVAL;
        private Clock clock = Clock.systemUTC();
        private Consumer<LaunchEvent> onEvent = event -> {};

        private Builder() {}

        /**
         * Sets the site: how it is reached, which category it serves, what its jobs need besides what workflows say. Required.
         *
         * @param config the site
         * @return this
         */
        public Builder site(SiteConfig config) {
            this.site = config;
            return this;
        }

        /**
         * Sets the LaunchPad. Required.
         *
         * @param store the store; not closed by the launcher
         * @return this
         */
        public Builder workflows(WorkflowStore store) {
            this.workflows = store;
            return this;
        }

        /**
         * Sets what connects to the site. Required.
         *
         * @param manager the tunnel manager; not closed by the launcher
         * @return this
         */
        public Builder tunnels(TunnelManager manager) {
            this.tunnels = manager;
            return this;
        }

        /**
         * Sets the batch system. Default: {@link SlurmScheduler}, or {@link HostScheduler} where the site's profile starts
         * its scripts with {@code sh}.
         *
         * @param system the batch system
         * @return this
         */
        public Builder scheduler(BatchScheduler system) {
            this.scheduler = system;
            return this;
        }

        /**
         * Sets the folder at the site that gets a launch folder for each job. All nodes of a job have to see it.
         *
         * @param path absolute, or relative to the home directory; default {@value SiteLauncher#DEFAULT_FOLDER}
         * @return this
         */
        public Builder folder(String path) {
            this.folder = path;
            return this;
        }

        /**
         * Sets how often the batch system is asked for the jobs.
         *
         * @param pause between two questions, positive; default {@link SiteLauncher#DEFAULT_INTERVAL}
         * @return this
         */
        public Builder interval(Duration pause) {
            if (pause.isNegative() || pause.isZero()) {
                throw new IllegalArgumentException("interval must be positive, not " + pause);
            }
            this.interval = pause;
            return this;
        }

        /**
         * Sets who is told what happens.
         *
         * @param listener called by the launching thread
         * @return this
         */
        public Builder onEvent(Consumer<LaunchEvent> listener) {
            this.onEvent = listener;
            return this;
        }

        /**
         * Sets the name of this host, by which a launcher knows whether another one on the same host has died.
         *
         * @param name the name; default: as this host knows it
         * @return this
         */
        public Builder hostName(String name) {
            this.hostName = name;
            return this;
        }

        /**
         * Sets the clock. For tests.
         *
         * @param source the clock; default the system's
         * @return this
         */
        public Builder clock(Clock source) {
            this.clock = source;
            return this;
        }

        /**
         * Builds the launcher. Nothing is connected yet.
         *
         * @return the launcher, to be closed by the caller
         * @throws NullPointerException if site, workflows or tunnels are not set
         */
        public SiteLauncher build() {
            return new SiteLauncher(
                    this,
                    Objects.requireNonNull(site, "site: a launcher serves one site"),
                    Objects.requireNonNull(workflows, "workflows: a launcher needs a workflow store"),
                    Objects.requireNonNull(tunnels, "tunnels: a launcher reaches its site by SSH"));
        }
    }
}
