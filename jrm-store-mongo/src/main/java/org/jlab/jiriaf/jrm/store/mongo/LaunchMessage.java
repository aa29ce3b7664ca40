package org.jlab.jiriaf.jrm.store.mongo;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.Document;
import org.jlab.jiriaf.jrm.workflow.WorkflowState;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a launch ended. FireWorks keeps it in {@code action.stored_data}: {@code _message}, which jrm writes too, and for a
 * task that failed {@code _exception: {_stacktrace, _details}}. An action that is too large for the document is a GridFS file,
 * and FireWorks' lost-run detection leaves none.
 */
final class LaunchMessage {

    /** What of a launch is read for it. */
    static final List<String> FIELDS =
            List.of("action.stored_data._message", "action.stored_data._exception", "action.gridfs_id");

    private static final String TRACEBACK = "Traceback (most recent call last):";

    private LaunchMessage() {}

    /** The message as it is stored, of any length; null if the launch goes on or nothing is stored. */
    static @Nullable String of(Document launch, WorkflowState state) {
        Object file = DocumentFields.at(launch, "action", "gridfs_id");
        if (file != null) {
            return "the action is too large for its document; see file " + file + " in GridFS bucket fw_gridfs";
        }
        Object exception = DocumentFields.at(launch, "action", "stored_data", "_exception");
        String message = Stream.of(
                        DocumentFields.text(DocumentFields.at(launch, "action", "stored_data", "_message")),
                        error(exception),
                        details(exception))
                .filter(Objects::nonNull)
                .filter(part -> !part.isBlank())
                .collect(Collectors.joining(": "));
        return message.isEmpty() && state == WorkflowState.FIZZLED ? lastPing(launch) : message;
    }

    private static @Nullable String error(@Nullable Object exception) {
        Document document = DocumentFields.document(exception);
        String text = DocumentFields.text(document == null ? exception : document.get("_stacktrace"));
        return text == null ? null : withoutFrames(text);
    }

    /** Python prints the frames of a stack trace indented, then the error, which may have several lines. */
    private static String withoutFrames(String stacktrace) {
        int start = stacktrace.lastIndexOf(TRACEBACK);
        if (start < 0) {
            return stacktrace;
        }
        return stacktrace
                .substring(start + TRACEBACK.length())
                .lines()
                .dropWhile(line -> line.isEmpty() || line.startsWith(" "))
                .collect(Collectors.joining("\n"));
    }

    /** What an exception says of itself, in any form. */
    private static @Nullable String details(@Nullable Object exception) {
        Document document = DocumentFields.document(exception);
        Object details = document == null ? null : document.get("_details");
        if (details instanceof Document inner) {
            return inner.isEmpty() ? null : inner.toJson();
        }
        return DocumentFields.text(details);
    }

    private static @Nullable String lastPing(Document launch) {
        return LaunchDocuments.history(launch).stream()
                .filter(entry -> WorkflowState.RUNNING.name().equals(entry.get("state")))
                .map(entry -> FireworksDate.read(entry.get("updated_on")))
                .filter(Objects::nonNull)
                .reduce((earlier, later) -> later)
                .map(ping -> "no reason is stored; last ping at " + ping)
                .orElse(null);
    }
}
