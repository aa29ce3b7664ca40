package org.jlab.jiriaf.jrm.app.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jlab.jiriaf.jrm.app.doctor.Finding.Status;
import org.jlab.jiriaf.jrm.deploy.DeploymentPlan;
import org.jlab.jiriaf.jrm.deploy.DeploymentSettings;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshServer;
import org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager;
import org.jlab.jiriaf.jrm.tunnel.Endpoint;

/**
 * A site that passes all checks of its login node until a test breaks something: OpenSSH's server, and scripts in place of the
 * site's commands.
 */
final class ExaminedSite implements AutoCloseable {

    private final Path folder;
    private final OpenSshServer server;
    private final int apiserverPort = OpenSshServer.freePort();

    /**
     * Starts the server.
     *
     * @param shell login shell of its user
     * @param options further lines of the configuration of sshd
     */
    ExaminedSite(Path folder, String shell, String... options) throws IOException {
        this.folder = folder;
        Path home = Files.createDirectories(folder.resolve("home"));
        Path login = script(folder.resolve("login"), """
                HOME='%s'; PATH='%s':$PATH; export HOME PATH
                unset SLURM_CLUSTERS SBATCH_CLUSTERS XDG_CONFIG_HOME
                . '%s'
                cd
                case $SSH_ORIGINAL_COMMAND in
                internal-sftp) exec /usr/lib/openssh/sftp-server ;;
                esac
                exec %s -c "$SSH_ORIGINAL_COMMAND"
                """.formatted(
                        home, folder.resolve("bin"), folder.resolve("environment"), shell));
        setEnvironment("");
        command("shifter", "exit 0");
        command("sbatch", "echo slurm 24.05.1");
        command("squeue", "exit 0");
        command("sacct", "exit 0");
        Files.writeString(home.resolve("kubeconfig"), "server: https://localhost:" + apiserverPort + "\n");
        String[] all = List.of(options).toArray(new String[options.length + 1]);
        all[options.length] = "ForceCommand " + login;
        server = new OpenSshServer(folder.resolve("sshd"), all);
    }

    private static Path script(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + content + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    OpenSshServer server() {
        return server;
    }

    /** Replaces a command of the site. */
    void command(String name, String script) throws IOException {
        script(folder.resolve("bin").resolve(name), script);
    }

    /** Lines of shell that every login runs first. */
    void setEnvironment(String lines) throws IOException {
        Files.writeString(folder.resolve("environment"), lines + "\n");
    }

    DeploymentPlan plan(boolean withKey) {
        String yaml = """
                slurm: {nodes: 1, walltime: 00:10:00, qos: debug, account: m1}
                jrm:
                  nodename: n
                  site: perlmutter
                  apiserver_port: %d
                  kubeconfig: %s
                  image: docker:jrm/image:1
                ssh:
                  remote: %s
                """.formatted(apiserverPort, folder.resolve("home/kubeconfig"), server.hop());
        String key = withKey ? "  ssh_key: " + server.userKey() + "\n" : "";
        return DeploymentPlan.preview(
                SiteConfig.parse(yaml + key, "site.yaml"),
                DeploymentSettings.DEFAULTS.withLaunchpad(new Endpoint("localhost", OpenSshServer.freePort())));
    }

    /** What the doctor finds, with the keys of the site file, and the site's known hosts. */
    List<Finding> examine() throws InterruptedException {
        return examine(server.manager(), true);
    }

    List<Finding> examine(SshjTunnelManager.Builder manager, boolean withKey) throws InterruptedException {
        try (Examination examination = new Examination(finding -> {});
                SshChecks checks = new SshChecks(manager::build, plan(withKey), null)) {
            checks.run(examination);
            return examination.findings();
        }
    }

    /** Findings of a status. */
    static List<Finding> of(List<Finding> findings, Status status) {
        return findings.stream().filter(finding -> finding.status() == status).toList();
    }

    @Override
    public void close() {
        server.close();
    }
}
