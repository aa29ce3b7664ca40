package org.jlab.jiriaf.jrm.ssh.sshj;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/** Marks tests that need OpenSSH's server and client on this machine. CI installs them, so that there nothing is left out. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "org.jlab.jiriaf.jrm.ssh.sshj.OpenSshServer#isInstalled",
        disabledReason = "needs /usr/sbin/sshd and ssh (Debian: openssh-server)")
public @interface NeedsOpenSsh {}
