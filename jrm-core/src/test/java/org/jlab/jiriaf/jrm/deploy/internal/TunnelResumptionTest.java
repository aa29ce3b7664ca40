package org.jlab.jiriaf.jrm.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.junit.jupiter.api.Test;

class TunnelResumptionTest {

    @Test
    void aRefusedLoginPausesLongestSinceSitesLockUsersOut() {
        Duration refused = pauseAfter(new TunnelException(Reason.AUTHENTICATION_REFUSED, null, "refused", null));
        Duration permanent = pauseAfter(new JrmException("somebody else has its ports", null, false));
        Duration passing = pauseAfter(new JrmException("the login node is away", null, true));

        assertThat(refused).isEqualTo(Duration.ofMinutes(5));
        assertThat(permanent).isLessThan(refused);
        assertThat(passing).isLessThan(permanent).isPositive();
    }

    private static Duration pauseAfter(JrmException failure) {
        return TunnelResumption.pauseAfter(failure);
    }
}
