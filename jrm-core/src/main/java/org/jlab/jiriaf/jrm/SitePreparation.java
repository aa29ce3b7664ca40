package org.jlab.jiriaf.jrm;

import java.nio.charset.StandardCharsets;
import org.jlab.jiriaf.jrm.batch.ShellQuote;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.site.Kubeconfig;
import org.jlab.jiriaf.jrm.site.SiteConfig;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.jlab.jiriaf.jrm.tunnel.LoginSession;
import org.jspecify.annotations.Nullable;

/** What jrm puts on a site for a deployment before its job can start. Files there are readable by their owner alone. */
final class SitePreparation {

    private static final String MAKE_PARENT = "umask 077; mkdir -p -- \"$(dirname -- \"$1\")\"";

    private final SiteConfig site;
    private final @Nullable Kubeconfig kubeconfig;

    SitePreparation(SiteConfig site, @Nullable Kubeconfig kubeconfig) {
        this.site = site;
        this.kubeconfig = kubeconfig;
    }

    boolean isNeeded() {
        return kubeconfig != null;
    }

    /**
     * Puts it there, complete or not at all. The kubeconfig stays: it is the site's, and other deployments use it.
     *
     * @return what has been done
     */
    String put(LoginSession session, Deadline deadline) {
        if (kubeconfig == null) {
            return "nothing is asked for";
        }
        String path = site.jrm().kubeconfig();
        ExecResult made = session.exec(
                "sh -c " + ShellQuote.quote(MAKE_PARENT) + " jrm " + ShellQuote.quote(path), deadline.remaining());
        if (!made.succeeded()) {
            throw new JrmException(
                    "cannot make the folder of " + path + " on "
                            + session.route().describe() + ": " + made.error().strip() + "; mend jrm.kubeconfig",
                    null,
                    false);
        }
        String content = kubeconfig.atSite(site.jrm().apiserverPort()).reveal();
        session.writeFile(path, content.getBytes(StandardCharsets.UTF_8), deadline.remaining());
        return "the kubeconfig is at " + path + ", readable by its owner alone, with server localhost:"
                + site.jrm().apiserverPort();
    }
}
