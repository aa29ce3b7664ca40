package org.jlab.jiriaf.jrm.batch.slurm;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jlab.jiriaf.jrm.contract.ParserFuzz;
import org.jlab.jiriaf.jrm.tunnel.ExecResult;
import org.junit.jupiter.api.Test;

class SlurmFuzzTest {

    private static final String RECORD =
            "12\u001falice\u001fRUNNING\u001fNone\u001fn1\u001f2026-11-30T20:00:00\u001f2026-11-30T20:01:00\u001fN/A"
                    + "\u001fjrm-a\u001ftoken-5\n";

    @Test
    void jobs() {
        ParserFuzz.feed(
                List.of("CLUSTER: a\n\u001e" + RECORD + "\u001e" + RECORD.replace("12", "12_[1-5%2]")),
                input -> SlurmRecords.ofSqueue(text(input)));
    }

    @Test
    void accounting() {
        ParserFuzz.feed(
                List.of(RECORD + RECORD.replace("RUNNING", "CANCELLED by 1000")),
                input -> SlurmRecords.ofSacct(text(input)));
    }

    @Test
    void statesAndRefusals() {
        ParserFuzz.feed(
                List.of(
                        "RUNNING\nCLUSTER: b\nCOMPLETING+SIGNALING\n",
                        "sbatch: error: Batch job submission failed: Invalid qos specification\n"),
                input -> {
                    String words = text(input);
                    SlurmRecords.states(words);
                    SlurmRefusal.of(new ExecResult(1, "", words));
                    SlurmErrors.isWithoutAccounting(words);
                    SlurmErrors.isNoLongerThere(words);
                });
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
