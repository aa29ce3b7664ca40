package org.jlab.jiriaf.jrm.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class QueueTemplateTest {

    /** Templates, inputs and the scripts that FireWorks made of them. */
    static Stream<Arguments> casesOfFireWorks() {
        InputStream json = Objects.requireNonNull(QueueTemplateTest.class.getResourceAsStream("queue-script.json"));
        Map<?, ?> golden = (Map<?, ?>)
                Objects.requireNonNull(new Load(LoadSettings.builder().build()).loadFromInputStream(json));
        return ((List<?>) Objects.requireNonNull(golden.get("cases")))
                .stream()
                        .map(each -> (Map<?, ?>) each)
                        .map(each -> Arguments.of(each.get("case"), golden.get("template"), each));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("casesOfFireWorks")
    void makesTheScriptThatFireWorksMakes(String name, String template, Map<String, Object> given) {
        Map<String, Object> asked = values(given.get("spec._queueadapter"));
        String script = new QueueTemplate(template)
                .fill(
                        values(given.get("qadapter")),
                        asked,
                        (String) Objects.requireNonNull(given.get("fw_name")),
                        (Integer) Objects.requireNonNull(given.get("fw_id")),
                        (String) Objects.requireNonNull(given.get("launch_dir")));
        assertThat(script).as(name).isEqualTo(given.get("script"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> values(@Nullable Object map) {
        return map == null ? Map.of() : (Map<String, Object>) map;
    }

    @Test
    void previewsTheQueueScriptOfAJob() {
        BatchScripts scripts = new JrmScriptRenderer().render(GoldenScriptsTest.job("perlmutter"));
        QueueSettings queue = scripts.queue();
        String script = new QueueTemplate("""
                        #!/bin/bash -l
                        #SBATCH --nodes=$${nodes}
                        #SBATCH --qos=$${qos}
                        #SBATCH --mem=$${mem}

                        $${pre_rocket}
                        cd $${launch_dir}
                        $${rocket_launch}
                        """)
                .fill(Map.of("rocket_launch", "rlaunch singleshot"), queue, 7, "/home/jrm/launcher_1");
        assertThat(script)
                .startsWith("#!/bin/bash -l\n#SBATCH --nodes=2\n#SBATCH --qos=debug\n\n" + queue.preRocket())
                .endsWith("\ncd /home/jrm/launcher_1\nrlaunch singleshot --fw_id 7\n");
    }
}
