package org.jlab.jiriaf.jrm.store.mongo;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import org.bson.BsonBinaryWriter;
import org.bson.BsonWriter;
import org.bson.RawBsonDocument;
import org.bson.io.BasicOutputBuffer;
import org.jlab.jiriaf.jrm.workflow.JrmsInfo;
import org.jlab.jiriaf.jrm.workflow.QueueSettings;
import org.jlab.jiriaf.jrm.workflow.ScriptTask;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.WorkflowDraft;
import org.jspecify.annotations.Nullable;

/**
 * The {@code spec} of a new Firework, written out once: that tells its size, and the driver copies it into its command as it is.
 * As a tree of documents it took a tenth longer to add a thousand workflows.
 */
final class FireworkSpec {

    private static final int USUAL_BYTES = 8 * 1024;

    private FireworkSpec() {}

    static RawBsonDocument of(WorkflowDraft draft) {
        try (BasicOutputBuffer buffer = new Utf8Buffer();
                BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
            writer.writeStartDocument();
            writer.writeString("_category", draft.category());
            writeQueueAdapter(writer, draft.queue());
            writeJrmsInfo(writer, draft.jrms());
            writeSshInfo(writer, draft.ssh());
            writeTasks(writer, draft.tasks());
            writer.writeEndDocument();
            return new RawBsonDocument(buffer.toByteArray());
        }
    }

    private static void writeQueueAdapter(BsonWriter writer, QueueSettings queue) {
        writer.writeStartDocument("_queueadapter");
        writer.writeString("job_name", queue.jobName());
        writeUnlessNull(writer, "walltime", queue.walltime());
        writeUnlessNull(writer, "qos", queue.qos());
        writer.writeInt32("nodes", queue.nodes());
        writeUnlessNull(writer, "account", queue.account());
        writeUnlessNull(writer, "constraint", queue.constraint());
        writeUnlessNull(writer, "pre_rocket", queue.preRocket());
        writeUnlessNull(writer, "reservation", queue.reservation());
        writer.writeEndDocument();
    }

    private static void writeJrmsInfo(BsonWriter writer, JrmsInfo jrms) {
        writer.writeStartDocument("jrms_info");
        writeStrings(writer, "nodenames", jrms.nodenames());
        writer.writeStartArray("jrm_ports");
        jrms.jrmPorts().forEach(writer::writeInt32);
        writer.writeEndArray();
        writer.writeInt32("apiserver_port", jrms.apiserverPort());
        writer.writeString("kubeconfig", jrms.kubeconfig());
        writer.writeString("control_plane_ip", jrms.controlPlaneIp());
        writeStrings(writer, "vkubelet_pod_ips", jrms.vkubeletPodIps());
        writer.writeString("site", jrms.site());
        writer.writeString("image", jrms.image());
        writeMappedPorts(writer, jrms.mappedCustomMetricsPorts());
        writer.writeEndDocument();
    }

    private static void writeMappedPorts(BsonWriter writer, SortedMap<Integer, Integer> ports) {
        writer.writeStartDocument("mapped_custom_metrics_ports");
        ports.forEach((mapped, original) -> writer.writeString(mapped.toString(), original.toString()));
        writer.writeEndDocument();
    }

    private static void writeSshInfo(BsonWriter writer, SshInfo ssh) {
        writer.writeStartDocument("ssh_info");
        writeEntries(writer, "ssh_metrics", ssh.metrics());
        if (ssh.database() != null) {
            writer.writeName("ssh_db");
            writeEntry(writer, ssh.database());
        }
        if (ssh.apiserver() != null) {
            writer.writeName("ssh_apiserver");
            writeEntry(writer, ssh.apiserver());
        }
        writeEntries(writer, "ssh_custom_metrics", ssh.customMetrics());
        writer.writeEndDocument();
    }

    private static void writeEntries(BsonWriter writer, String name, List<SshInfo.Entry> entries) {
        writer.writeStartArray(name);
        entries.forEach(entry -> writeEntry(writer, entry));
        writer.writeEndArray();
    }

    private static void writeEntry(BsonWriter writer, SshInfo.Entry entry) {
        String port = Integer.toString(entry.port());
        Integer original = entry.customMetricsPort();
        writer.writeStartDocument();
        writer.writeString("status", entry.status());
        writer.writeString("cmd", entry.command());
        writeOrNull(writer, "remote_proxy", entry.remoteProxy());
        writeOrNull(writer, "remote", entry.remote());
        writer.writeString("nodename", entry.nodename());
        if (original == null) {
            writer.writeString("port", port);
        } else {
            writer.writeStartDocument("port");
            writer.writeString("mapped_port", port);
            writer.writeString("custom_metrics_port", original.toString());
            writer.writeEndDocument();
        }
        writer.writeEndDocument();
    }

    private static void writeTasks(BsonWriter writer, List<ScriptTask> tasks) {
        writer.writeStartArray("_tasks");
        for (ScriptTask task : tasks) {
            writer.writeStartDocument();
            writeStrings(writer, "script", List.of(task.script()));
            writer.writeBoolean("use_shell", true);
            writer.writeString("_fw_name", "ScriptTask");
            writer.writeEndDocument();
        }
        writer.writeEndArray();
    }

    private static void writeStrings(BsonWriter writer, String name, List<String> values) {
        writer.writeStartArray(name);
        values.forEach(writer::writeString);
        writer.writeEndArray();
    }

    private static void writeUnlessNull(BsonWriter writer, String name, @Nullable String value) {
        if (value != null) {
            writer.writeString(name, value);
        }
    }

    private static void writeOrNull(BsonWriter writer, String name, @Nullable String value) {
        if (value == null) {
            writer.writeNull(name);
        } else {
            writer.writeString(name, value);
        }
    }

    /**
     * Copies a text in one go; the driver's buffer writes a script character by character. Half of a surrogate pair becomes a
     * question mark, where the driver would write what no UTF-8 reader takes, FireWorks' included.
     */
    private static final class Utf8Buffer extends BasicOutputBuffer {

        Utf8Buffer() {
            super(USUAL_BYTES);
        }

        @Override
        public void writeString(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            writeInt32(utf8.length + 1);
            writeBytes(utf8);
            writeByte(0);
        }
    }
}
