package org.jlab.jiriaf.jrm.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueueAdapterTest {

    private static final String HEAD =
            "_fw_name: CommonAdapter\n_fw_q_type: SLURM\nrocket_launch: rlaunch -c /c singleshot\n";

    private final Path file;

    QueueAdapterTest(@TempDir Path folder) {
        this.file = folder.resolve("my_qadapter.yaml");
    }

    @Test
    void keepsItsValuesWhereTheWorkflowAsksForNothing() throws IOException {
        QueueAdapter adapter = read(HEAD + "qos: regular\nconstraint: cpu\nreservation: r1\nwalltime: 12:00:00\n");
        QueueSettings queue = new QueueSettings("job", null, 2, null, "m1", null, null, null);

        String script = new QueueTemplate("$${qos} $${constraint} $${reservation} $${walltime} $${account} $${nodes}\n")
                .fill(adapter.values(), queue, 7, "/l");

        assertThat(script).isEqualTo("regular cpu r1 12:00:00 m1 2\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{submit_cmd: q}", "\n  status_cmd: s\n  submit_cmd: q", "{}"})
    void readsPastTheCommandsOfTheAgent(String commands) throws IOException {
        assertThat(read(HEAD + "_q_commands_override: " + commands + "\nnodes: 1\n")
                        .values())
                .containsEntry("nodes", "1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"_q_commands_override: abc|line 4|'abc'", "x: 1\\nx: 2|line 5|'x'", "timeout: 5|line 4|_fw_timeout"
            })
    void namesLineAndValueOfAFault(String lines, String line, String value) {
        assertThatThrownBy(() -> read(HEAD + lines.replace("\\n", "\n") + "\n"))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(line)
                .hasMessageContaining(value.replace("'", ""));
    }

    @Test
    void refusesATemplateWhoseBracesFireWorksCannotRead() {
        assertThatThrownBy(() -> new QueueTemplate("#!/bin/bash\necho }\n"))
                .isInstanceOf(SiteConfigException.class)
                .hasMessageContaining("line 2");
    }

    private QueueAdapter read(String yaml) throws IOException {
        return QueueAdapter.read(Files.writeString(file, yaml));
    }
}
