package org.jlab.jiriaf.jrm.app.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.batch.BatchJobStatus;
import org.jlab.jiriaf.jrm.batch.BatchScheduler;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.BatchSubmission;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.contract.BatchSchedulerContract;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.ConnectionState;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.SshRoute;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real Slurm, without accounting, spoken to over a real SSH connection. */
@Tag("practice")
class LaunchSchedulerTest extends BatchSchedulerContract {

    private static final String FOLDER = "/home/certuser/jobs";

    private static TunnelManager tunnels;
    private static LoginSession login;

    private final SlurmScheduler scheduler = new SlurmScheduler();
    private Prefixed session;

    @BeforeAll
    static void connect() {
        PracticeSite site = PracticeSite.find();
        tunnels = SshjTunnelManager.builder()
                .knownHosts(site.knownHosts())
                .sshConfig(site.sshConfig())
                .build();
        login = tunnels.connect(SiteFile.perlmutter("jobs").config().ssh().route(), TIMEOUT);
        assertThat(login.exec(
                                "mkdir -p " + FOLDER + "/slow && cd " + FOLDER
                                        + " && sed '$aSlurmctldPort=9' /etc/slurm/slurm.conf >away.conf"
                                        + " && printf '#!/bin/sh\\n/usr/bin/sbatch \"$@\" >/dev/null; sleep 600\\n'"
                                        + " >slow/sbatch && chmod 700 slow/sbatch",
                                TIMEOUT)
                        .succeeded())
                .isTrue();
    }

    @AfterAll
    static void disconnect() {
        login.close();
        tunnels.close();
    }

    @BeforeEach
    void open() {
        session = new Prefixed(login);
    }

    @Override
    protected BatchScheduler scheduler() {
        return scheduler;
    }

    @Override
    protected LoginSession session() {
        return session;
    }

    @Override
    protected String folder() {
        return FOLDER;
    }

    @Override
    protected String unusedId() {
        return "1";
    }

    @Override
    protected void breakDown() {
        session.prefix = "export SLURM_CONF=" + FOLDER + "/away.conf; ";
    }

    @Override
    protected void repair() {
        session.prefix = "";
    }

    private static BatchSubmission job(String token, String... directives) {
        StringBuilder script = new StringBuilder("#!/bin/sh\n");
        for (String directive : directives) {
            script.append("#SBATCH --").append(directive).append('\n');
        }
        return new BatchSubmission(FOLDER, script.append("sleep 600\n").toString(), "a job", token);
    }

    @Test
    void aSubmissionThatIsNotAnsweredIsFoundAgainAndNotRepeated() {
        session.prefix = "export PATH=" + FOLDER + "/slow:$PATH; ";
        String id = scheduler.submit(session, job("not answered"), Duration.ofSeconds(8));
        assertThat(scheduler.jobs(session, TIMEOUT))
                .filteredOn(status -> "not answered".equals(status.comment()))
                .extracting(BatchJobStatus::id)
                .containsExactly(id);
        scheduler.cancel(session, id, TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({
        "account=nobody, Invalid account, slurm.account",
        "qos=nothing, Invalid qos, slurm.qos",
        "partition=nowhere, invalid partition, slurm.partition",
        "reservation=never, reservation is invalid, slurm.reservation",
        "constraint=quantum, Invalid feature, slurm.constraint",
        "constraint=gpu&quantum, Invalid feature, slurm.constraint",
        "nodes=0, Node count specification invalid, fewer nodes",
        "nodes=x, not a valid node count, fewer nodes",
        "time=soon, Invalid --time specification, shorter walltime",
        "gres=gpu:4, Invalid generic resource, GPUs",
        "licenses=none:1, Invalid license, licenses",
        "mem=99999999, Requested node configuration is not available, slurm.constraint",
        "quantum=1, unrecognized option, slurm.directives"
    })
    void refusesInSlurmsOwnWords(String directive, String words, String field) {
        assertThatThrownBy(() -> scheduler.submit(session, job("refused", directive), TIMEOUT))
                .isExactlyInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("login01")
                .hasMessageContaining(words)
                .hasMessageContaining(field)
                .matches(e -> !((BatchSchedulerException) e).isTransient());
    }

    @Test
    void anOutageIsNoRefusalAndNoEmptyQueue() {
        PracticeSite site = PracticeSite.find();
        site.in("login01", "mv", "/run/munge/munge.socket.2", "/run/munge/away");
        try {
            assertThatThrownBy(() -> scheduler.submit(session, job("no munge"), TIMEOUT))
                    .isExactlyInstanceOf(BatchSchedulerException.class)
                    .hasMessageContaining("Protocol authentication error")
                    .matches(e -> ((BatchSchedulerException) e).isTransient());
            assertThatThrownBy(() -> scheduler.jobs(session, TIMEOUT))
                    .isExactlyInstanceOf(BatchSchedulerException.class)
                    .matches(e -> ((BatchSchedulerException) e).isTransient());
        } finally {
            site.in("login01", "mv", "/run/munge/away", "/run/munge/munge.socket.2");
        }
        breakDown();
        assertThatThrownBy(() -> scheduler.submit(session, job("no controller"), TIMEOUT))
                .isExactlyInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("Unable to contact slurm controller")
                .matches(e -> ((BatchSchedulerException) e).isTransient());
    }

    @Test
    void aLimitOfTheQosIsNamed() {
        assertThatThrownBy(() -> scheduler.submit(session, job("large", "qos=debug", "nodes=9"), TIMEOUT))
                .isInstanceOf(BatchSchedulerException.class)
                .hasMessageContaining("QOSMaxNodePerJobLimit")
                .hasMessageContaining("fewer nodes")
                .matches(e -> !((BatchSchedulerException) e).isTransient());
    }

    /** A session whose commands run after some others. */
    private static final class Prefixed implements LoginSession {

        private final LoginSession session;
        private volatile String prefix = "";

        Prefixed(LoginSession session) {
            this.session = session;
        }

        @Override
        public SshRoute route() {
            return session.route();
        }

        @Override
        public ConnectionState connection() {
            return session.connection();
        }

        @Override
        public ExecResult exec(String command, Duration timeout) {
            return session.exec(prefix + command, timeout);
        }

        @Override
        public List<Tunnel> open(List<Forward> forwards, Duration timeout) {
            return session.open(forwards, timeout);
        }

        @Override
        public byte[] readFile(String path, int limit, Duration timeout) {
            return session.readFile(path, limit, timeout);
        }

        @Override
        public void writeFile(String path, byte[] content, Duration timeout) {
            session.writeFile(path, content, timeout);
        }

        @Override
        public void check(Duration timeout) {
            session.check(timeout);
        }

        @Override
        public Set<Integer> listeningPorts(Duration timeout) {
            return session.listeningPorts(timeout);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
