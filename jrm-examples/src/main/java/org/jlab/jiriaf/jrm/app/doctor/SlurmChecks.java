package org.jlab.jiriaf.jrm.app.doctor;

import java.time.Duration;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.batch.BatchSchedulerException;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmScheduler;
import org.jlab.jiriaf.jrm.batch.slurm.SlurmTestResult;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.script.JrmScriptRenderer;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;

/** Slurm on the login node: does it answer, and would it take the job? */
final class SlurmChecks {

    private final LoginSession session;
    private final DeploymentPlan plan;
    private final Duration timeout;
    private final SlurmScheduler slurm = new SlurmScheduler();

    SlurmChecks(LoginSession session, DeploymentPlan plan, Duration timeout) {
        this.session = session;
        this.plan = plan;
        this.timeout = timeout;
    }

    void run(Examination examination) throws InterruptedException {
        if (!examination.check("sbatch", this::sbatch)) {
            examination.skip("batch job", "there is no sbatch to ask");
            return;
        }
        examination.check("slurm clusters", this::clusters);
        boolean answers = examination.check("slurm controller", this::controller);
        examination.check("slurm accounting", this::accounting);
        if (answers) {
            examination.check("batch job", this::batchJob);
        } else {
            examination.skip("batch job", "Slurm does not answer");
        }
    }

    private Verdict sbatch() {
        ExecResult result = session.exec("sbatch --version", timeout);
        return result.succeeded()
                ? Verdict.ok(result.words())
                : Verdict.failure("sbatch cannot be run on " + session.route().login() + ": " + result.words()
                        + ". A login shell must have Slurm on its PATH (aliases and functions do not count)");
    }

    /** Variables that send Slurm's commands to other clusters than the one of the login node. */
    private Verdict clusters() {
        String set = session.exec(
                        "for name in SLURM_CLUSTERS SBATCH_CLUSTERS; do eval \"value=\\${$name-}\";"
                                + " [ -z \"$value\" ] || printf '%s=%s\\n' \"$name\" \"$value\"; done",
                        timeout)
                .output()
                .strip();
        return set.isEmpty()
                ? Verdict.ok("jobs go to the cluster of the login node")
                : Verdict.warning("the login environment sets " + set + ", so jobs go to these clusters; an id can"
                        + " stand for a job on each. Unset it in the start files there unless that is meant");
    }

    private Verdict controller() {
        try {
            return Verdict.ok("the controller answers; jobs of ours: "
                    + slurm.jobs(session, timeout).size());
        } catch (BatchSchedulerException e) {
            return Verdict.failure(String.valueOf(e.getMessage()));
        } catch (TunnelException e) {
            return late(e);
        }
    }

    private Verdict accounting() {
        try {
            return slurm.accountingFault(session, timeout)
                    .map(words -> Verdict.warning("sacct does not answer us: " + words
                            + ". How ended jobs ended is read from the exit files in their launch folders instead"))
                    .orElseGet(() -> Verdict.ok("sacct tells how jobs ended"));
        } catch (BatchSchedulerException e) {
            return Verdict.warning("not known: " + e.getMessage());
        }
    }

    /** The head of the very script, which sbatch reads up to its first command. */
    private Verdict batchJob() {
        String script = new JrmScriptRenderer().render(plan.job()).batchScript();
        String head = script.lines().takeWhile(line -> line.startsWith("#")).collect(Collectors.joining("\n"));
        SlurmTestResult result;
        try {
            result = slurm.test(session, head + "\ntrue", timeout);
        } catch (TunnelException e) {
            return late(e);
        }
        String words = result.words() + (result.advice().isEmpty() ? "" : "; " + result.advice());
        return switch (result.verdict()) {
            case ACCEPTED -> Verdict.ok("Slurm would take the job: " + words.replaceFirst("^sbatch: ", ""));
            case REFUSED -> Verdict.failure("Slurm refuses the job (" + result.code() + "): " + words);
            case UNREACHABLE -> Verdict.failure("the controller cannot be reached, so Slurm refuses nothing: " + words);
            case UNKNOWN -> Verdict.warning("not known whether Slurm would take the job: " + words);
        };
    }

    /** Slurm's commands try for long to reach a controller that is away. */
    private Verdict late(TunnelException e) {
        if (e.reason() != TunnelException.Reason.TIMEOUT) {
            throw e;
        }
        return Verdict.failure("the controller cannot be reached, or is overloaded: no answer within "
                + timeout.toSeconds() + " s; `scontrol ping` there tells when it is back");
    }
}
