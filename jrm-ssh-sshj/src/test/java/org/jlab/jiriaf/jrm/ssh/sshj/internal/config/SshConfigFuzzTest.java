package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.ssh.sshj.OpenSshConfigTest;
import org.jlab.jiriaf.jrm.tunnel.SshHop;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.junit.jupiter.api.Test;

class SshConfigFuzzTest {

    @Test
    void answersOfSsh() {
        OpenSshConfig config = new OpenSshConfig(OpenSshConfigTest.settings(Path.of("none")));
        ParserFuzz.feed(
                List.of("""
                        host login
                        hostname login01.example
                        user alice
                        port 2222
                        hostkeyalias login
                        identityfile ~/.ssh/id_ed25519
                        identityfile "/keys/with blank"
                        certificatefile ~bob/.ssh/id-cert.pub
                        userknownhostsfile ~/.ssh/known_hosts /etc/other
                        globalknownhostsfile /etc/ssh/ssh_known_hosts
                        identitiesonly yes
                        identityagent $SSH_AUTH_SOCK
                        stricthostkeychecking accept-new
                        proxyjump alice@[2001:db8::1]:22,jump2
                        canonicalizehostname true
                        """, """
                        hostname h
                        port 22
                        identityagent none
                        proxycommand ssh -l %r -W %h:%p "jump one"
                        """),
                input -> {
                    Map<String, List<String>> options = SshConfigDump.parse(new String(input, StandardCharsets.UTF_8));
                    UnsupportedOptions.of(options, Map.of());
                    config.read(JumpHop.plain(SshHop.parse("login")), List.of(), options);
                },
                TunnelException.class);
    }
}
