package org.jlab.jiriaf.jrm.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class QuickstartTest {

    @Test
    void deploysMeasuresDeletesAndLeavesNothing() {
        StringWriter out = new StringWriter();
        StringWriter progress = new StringWriter();

        boolean complete = new Quickstart(2, false, new PrintWriter(out), new PrintWriter(progress)).run();

        assertThat(complete).as(out.toString() + progress).isTrue();
        assertThat(out.toString())
                .contains("Stand-ins on loopback", "RUNNING", "2/2", "LOGIN NODE")
                .doesNotContain("  WRONG ", "  LEFT  ");
        assertThat(out.toString().lines().filter(line -> line.startsWith("  ok ")))
                .as("one sample per kubelet and custom metrics port")
                .hasSize(2 * (1 + Quickstart.CUSTOM_METRICS_PORTS.size()));
        assertThat(progress.toString()).contains("workflow 1", "2 nodes Ready", "cancel job: job 1001");
    }
}
