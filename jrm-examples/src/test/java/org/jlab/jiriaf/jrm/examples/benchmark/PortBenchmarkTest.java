package org.jlab.jiriaf.jrm.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class PortBenchmarkTest {

    @Test
    void runs() {
        assertThatCode(() -> PortBenchmark.main("1", "21000", "21099")).doesNotThrowAnyException();
    }
}
