package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownHostsFuzzTest {

    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPiQZh2wK94N4KWck+DKs1209JwRIqgvR8O3DQA2TRel";

    @TempDir
    private Path folder = Path.of("unset");

    @Test
    void knownHosts() {
        ParserFuzz.feed(
                List.of(
                        "# comment\nlogin*.example,!login1.example,[127.0.0.?]:2222 " + KEY + " somebody\n",
                        "@cert-authority *.example " + KEY + "\n@revoked * " + KEY + "\n",
                        "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= " + KEY + "\n"),
                input -> {
                    KnownHosts hosts = KnownHosts.read(List.of(Files.write(folder.resolve("known_hosts"), input)));
                    hosts.of("login01.example");
                    hosts.of("[127.0.0.1]:2222");
                },
                TunnelException.class);
    }
}
