package org.jlab.jiriaf.jrm.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages of launches that anybody may have written. */
class LaunchMessageTest {

    private static final String FRAMES = """
            Traceback (most recent call last):
              File "rocket.py", line 262, in run
                m_action = t.run_task(my_spec)
                           ^^^^^^^^^^
            """;

    @Test
    void leavesTheFramesOfAStackTraceOut() {
        assertThat(failed(FRAMES + "ValueError: bad node\n", null)).isEqualTo("failed: ValueError: bad node");
    }

    @Test
    void keepsAllLinesOfAnError() {
        assertThat(failed(FRAMES + "OSError: first\n  indented\nlast\n", null))
                .isEqualTo("failed: OSError: first\n  indented\nlast");
    }

    @Test
    void takesTheLastOfErrorsThatCausedEachOther() {
        String chain =
                FRAMES + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
                        + FRAMES + "RuntimeError: b\n";

        assertThat(failed(chain, null)).isEqualTo("failed: RuntimeError: b");
    }

    @Test
    void addsDetailsInAnyForm() {
        assertThat(failed(FRAMES + "E: x", "disk full")).isEqualTo("failed: E: x: disk full");
        assertThat(failed(FRAMES + "E: x", new Document("code", 3))).isEqualTo("failed: E: x: {\"code\": 3}");
        assertThat(failed(FRAMES + "E: x", new Document())).isEqualTo("failed: E: x");
    }

    @Test
    void takesAnythingForATextThatIsOne() {
        assertThat(of(new Document("_exception", "no stack trace"))).isEqualTo("no stack trace");
        assertThat(of(new Document("_message", 7))).isEqualTo("7");
        assertThat(of(new Document("_message", List.of(1)).append("_exception", List.of())))
                .isNull();
    }

    @Test
    void namesTheFileOfAnActionThatIsTooLarge() {
        ObjectId file = new ObjectId();

        assertThat(LaunchMessage.of(
                        new Document("action", new Document("gridfs_id", file.toHexString())), WorkflowState.FIZZLED))
                .contains(file.toHexString());
    }

    private static @Nullable String failed(String stacktrace, @Nullable Object details) {
        return of(new Document("_message", "failed")
                .append("_exception", new Document("_stacktrace", stacktrace).append("_details", details)));
    }

    private static @Nullable String of(Document storedData) {
        return LaunchMessage.of(new Document("action", new Document("stored_data", storedData)), WorkflowState.FIZZLED);
    }
}
