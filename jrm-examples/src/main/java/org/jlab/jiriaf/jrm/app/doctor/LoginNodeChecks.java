package org.jlab.jiriaf.jrm.app.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.internal.ShellQuote;
import org.jlab.jiriaf.jrm.site.JrmSettings;
import org.jlab.jiriaf.jrm.site.SiteProfile.ImageFetch;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.Forward;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jlab.jiriaf.jrm.tunnel.Tunnel;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** What there is on the login node. */
final class LoginNodeChecks {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration SKEW_TO_MEND = Duration.ofSeconds(5);
    private static final Duration SKEW_TOO_LARGE = Duration.ofMinutes(5);
    private static final int COMMAND_NOT_FOUND = 127;
    private static final Pattern SERVER = Pattern.compile("(?m)^[\\s-]*server:\\s*[\"']?https?://([^:/\\s]+):(\\d+)");

    private final LoginSession session;
    private final DeploymentPlan plan;
    private final JrmSettings jrm;
    private final @Nullable LaunchpadChecks launchpad;

    LoginNodeChecks(LoginSession session, DeploymentPlan plan, @Nullable LaunchpadChecks launchpad) {
        this.session = session;
        this.plan = plan;
        this.jrm = plan.site().jrm();
        this.launchpad = launchpad;
    }

    void run(Examination examination) throws InterruptedException {
        if (!examination.check("login shell", this::loginShell)) {
            examination.skip(
                    "login node", "its ports, files and batch system cannot be looked at where no command runs");
            return;
        }
        if (examination.check("forwarding", () -> new RoundTrip(session, TIMEOUT).check())) {
            examination.check("launchpad port", () -> isFree(plan.launchpadForward()));
            examination.check("api server port there", () -> isFree(plan.apiserverForward()));
        } else {
            examination.skip("launchpad port", "no forward can be opened there");
            examination.skip("api server port there", "no forward can be opened there");
        }
        examination.check("sftp", this::sftp);
        examination.check("clock", this::clock);
        examination.check("kubeconfig there", this::kubeconfig);
        examination.check("image", this::image);
        if (jrm.profile().scriptStart().isBatch()) {
            new SlurmChecks(session, plan, TIMEOUT).run(examination);
        } else {
            examination.skip("sbatch", "this site has no batch system");
        }
    }

    /** Opens the forward as a deployment would; it ends with the session. */
    private Verdict isFree(Forward forward) {
        int port = forward.bind().port();
        try {
            Tunnel tunnel = session.open(List.of(forward), TIMEOUT).get(0);
            return Verdict.ok("port " + port + " is free: " + tunnel.forward() + " opens on "
                    + session.route().login());
        } catch (TunnelException e) {
            if (e.reason() != TunnelException.Reason.PORT_TAKEN) {
                throw e;
            }
            Workflow user = launchpad == null ? null : launchpad.userOf(port).orElse(null);
            return user == null
                    ? Verdict.failure("port " + port + " is taken by no deployment of this LaunchPad: " + e.getMessage()
                            + ". 'ss -tan' there shows it. If it is a former connection of ours, sshd has to notice its end"
                            + " first; else choose another port or login node")
                    : Verdict.ok("port " + port + " is ours: workflow " + user.id() + " uses it");
        }
    }

    /** Scripts that jrm submits itself go there over SFTP; a FireWorks rocket brings its own. */
    private Verdict sftp() {
        try {
            session.readFile("/dev/null", 1, TIMEOUT);
            return Verdict.ok("files can be transferred");
        } catch (TunnelException e) {
            if (e.reason() != TunnelException.Reason.CONFIGURATION) {
                throw e;
            }
            return Verdict.warning(e.getMessage() + ". Without it jrm submits no jobs and places no files there");
        }
    }

    private Verdict loginShell() {
        try {
            String shell =
                    session.exec("printf %s \"${SHELL:-not named}\"", TIMEOUT).output();
            return Verdict.ok("commands run in /bin/sh there; the login shell is " + shell);
        } catch (TunnelException e) {
            return Verdict.failure(e.getMessage() + ". 'getent passwd " + user() + "' there shows the login shell; its"
                    + " start files, or ForceCommand of sshd and command= in authorized_keys, may be in the way");
        }
    }

    private String user() {
        String user = session.route().login().user();
        return user == null ? "USER" : user;
    }

    private Verdict clock() {
        long before = System.currentTimeMillis();
        ExecResult answer = session.exec("date +%s", TIMEOUT);
        long after = System.currentTimeMillis();
        long there;
        try {
            there = Long.parseLong(answer.output().strip()) * 1000;
        } catch (NumberFormatException e) {
            return Verdict.warning("'date +%s' there says: " + answer.words());
        }
        // The answer leaves out the fraction of a second.
        long skewMillis = there + 999 < before ? before - there - 999 : Math.max(0, there - after);
        Duration skew = Duration.ofMillis(skewMillis);
        if (skew.compareTo(SKEW_TO_MEND) <= 0) {
            return Verdict.ok("the clocks here and there agree");
        }
        String message = "the clocks here and there differ by " + skew.toSeconds()
                + " s. Certificates and lost runs are judged by them: run an NTP client on the one that is wrong";
        return skew.compareTo(SKEW_TOO_LARGE) > 0 ? Verdict.failure(message) : Verdict.warning(message);
    }

    private Verdict kubeconfig() {
        ExecResult file = session.exec("cat -- " + ShellQuote.quote(jrm.kubeconfig()), TIMEOUT);
        if (!file.succeeded()) {
            return Verdict.failure(file.words() + ". Copy a kubeconfig with server https://localhost:"
                    + jrm.apiserverPort() + " there, or mend jrm.kubeconfig");
        }
        Set<String> servers = SERVER.matcher(file.output())
                .results()
                .map(match -> match.group(1) + ":" + match.group(2))
                .collect(Collectors.toSet());
        boolean right = servers.stream()
                .anyMatch(server -> Set.of("localhost:" + jrm.apiserverPort(), "127.0.0.1:" + jrm.apiserverPort())
                        .contains(server));
        return right
                ? Verdict.ok(jrm.kubeconfig() + " is there and leads to localhost:" + jrm.apiserverPort())
                : Verdict.failure(jrm.kubeconfig() + " leads to " + (servers.isEmpty() ? "no server" : servers)
                        + "; the JRMs reach the API server at localhost:" + jrm.apiserverPort()
                        + " (jrm.apiserver_port). Make the two agree");
    }

    private Verdict image() {
        ImageFetch fetch = jrm.profile().imageFetch();
        ExecResult result;
        try {
            result = session.exec(imageCommand(fetch, jrm.image()), TIMEOUT);
        } catch (TunnelException e) {
            return Verdict.warning("not known: " + e.getMessage());
        }
        if (result.succeeded()) {
            return Verdict.ok(jrm.image() + " is there");
        }
        if (result.exitCode() == COMMAND_NOT_FOUND) {
            return Verdict.warning("the login node has no " + runtime(fetch)
                    + ", so only a compute node can tell; try it there, or check jrm.config_class");
        }
        String remedy = ". Check jrm.image, or pull it there beforehand";
        return fetch == ImageFetch.DOCKER || fetch == ImageFetch.PODMAN || fetch == ImageFetch.PODMAN_HPC
                ? Verdict.warning(jrm.image() + " is not on the site yet; the job pulls it" + remedy)
                : Verdict.failure(
                        jrm.image() + " holds no /vk-cmd/start.sh or cannot be had: " + result.words() + remedy);
    }

    private static String runtime(ImageFetch fetch) {
        return switch (fetch) {
            case SHIFTER -> "shifter";
            case APPTAINER -> "apptainer";
            case SINGULARITY -> "singularity";
            case DOCKER -> "docker";
            case PODMAN -> "podman";
            case PODMAN_HPC -> "podman-hpc";
            case NONE -> "test";
        };
    }

    /** Succeeds if the image is there with what a JRM needs of it. */
    private static String imageCommand(ImageFetch fetch, String image) {
        String runtime = runtime(fetch);
        String bare = image.replaceFirst("^docker:(//)?", "");
        return switch (fetch) {
            case SHIFTER ->
                runtime + " --image=" + ShellQuote.quote(image) + " -- /bin/sh -c 'test -f /vk-cmd/start.sh'";
            case APPTAINER, SINGULARITY ->
                runtime + " exec " + ShellQuote.quote(image.startsWith("docker:") ? "docker://" + bare : image)
                        + " /bin/sh -c 'test -f /vk-cmd/start.sh'";
            case DOCKER, PODMAN, PODMAN_HPC -> runtime + " image inspect " + ShellQuote.quote(bare) + " >/dev/null";
            case NONE -> "test -f " + ShellQuote.quote(image + "/start.sh");
        };
    }
}
