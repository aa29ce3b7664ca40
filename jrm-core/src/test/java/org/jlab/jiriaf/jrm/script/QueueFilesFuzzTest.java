package org.jlab.jiriaf.jrm.script;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.site.SiteConfigException;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueFilesFuzzTest {

    private static final QueueSettings QUEUE = new QueueSettings("job", null, 2, null, "m1", null, null, null);

    private final Path file;

    QueueFilesFuzzTest(@TempDir Path folder) {
        this.file = folder.resolve("file.yaml");
    }

    @Test
    void adapters() {
        ParserFuzz.feed(
                List.of("""
                        _fw_name: CommonAdapter
                        _fw_q_type: SLURM
                        rocket_launch: rlaunch -c /c singleshot
                        walltime: 12:00:00
                        nodes: 010
                        qos: null
                        mem: 1.5e3
                        since: 2026-11-30 10:00:00
                        _q_commands_override: {submit_cmd: q}
                        pre_rocket: |
                          conda activate fireworks
                          true
                        """),
                input -> QueueAdapter.read(Files.write(file, input)).values(),
                SiteConfigException.class);
    }

    @Test
    void templates() {
        ParserFuzz.feed(
                List.of("""
                        #!/bin/bash -l
                        #SBATCH --nodes=$${nodes}
                        #SBATCH --qos=$${qos}
                        # $$ $x ${y} {z:>3} {{w}}
                        $${pre_rocket}
                        cd $${launch_dir}
                        """),
                input -> QueueTemplate.read(Files.write(file, input)).fill(Map.of(), QUEUE, 7, "/l"),
                SiteConfigException.class);
    }
}
