package org.jlab.jiriaf.jrm.deploy.internal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.Secret;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.script.NodePassword;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jspecify.annotations.Nullable;

/** What jrm puts on a site for a deployment before its job can start. Files there are readable by their owner alone. */
public final class SitePreparation {

    private static final String MAKE_PARENT = "umask 077; mkdir -p -- \"$(dirname -- \"$1\")\"";

    private final String name;
    private final SiteConfig site;
    private final @Nullable Kubeconfig kubeconfig;

    public SitePreparation(String name, SiteConfig site, @Nullable Kubeconfig kubeconfig) {
        this.name = name;
        this.site = site;
        this.kubeconfig = kubeconfig;
    }

    boolean isNeeded() {
        return kubeconfig != null || needsPassword();
    }

    private boolean needsPassword() {
        return site.ssh().nodePassword() && site.jrm().profile().nodeTunnels();
    }

    /**
     * Puts it there, complete or not at all. The kubeconfig stays: it is the site's, and other deployments use it.
     *
     * @return what has been done
     */
    public String put(LoginSession session, Deadline deadline) {
        List<String> done = new ArrayList<>();
        if (kubeconfig != null) {
            done.add(putKubeconfig(kubeconfig, session, deadline));
        }
        Secret password = site.ssh().password();
        if (needsPassword() && password != null) {
            NodePassword.put(session, name, password, deadline.remaining());
            done.add("the password for the compute nodes is in a file of the home directory until the job ends");
        }
        return String.join("; ", done);
    }

    /** Removes what is of no use without the job. */
    void undo(LoginSession session, Duration timeout) {
        if (needsPassword()) {
            NodePassword.remove(session, name, timeout);
        }
    }

    private String putKubeconfig(Kubeconfig kubeconfig, LoginSession session, Deadline deadline) {
        String path = site.jrm().kubeconfig();
        ExecResult made = session.exec(MAKE_PARENT, List.of(path), deadline.remaining());
        if (!made.succeeded()) {
            throw new JrmException(
                    "cannot make the folder of " + path + " on "
                            + session.route().describe() + ": " + made.words() + "; mend jrm.kubeconfig",
                    null,
                    false);
        }
        String content = kubeconfig.atSite(site.jrm().apiserverPort()).reveal();
        session.writeFile(path, content.getBytes(StandardCharsets.UTF_8), deadline.remaining());
        return "the kubeconfig is at " + path + ", readable by its owner alone, with server localhost:"
                + site.jrm().apiserverPort();
    }
}
