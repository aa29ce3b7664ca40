package org.jlab.jiriaf.jrm.report;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jlab.jiriaf.jrm.workflow.SshInfo;
import org.jlab.jiriaf.jrm.workflow.Workflow;
import org.jlab.jiriaf.jrm.workflow.WorkflowFilter;
import org.jlab.jiriaf.jrm.workflow.WorkflowStore;

/** {@code port_table.yaml}, as scripts around the older launcher read it: which port of the control plane is whose. */
public final class PortTable {

    private PortTable() {}

    /**
     * Lists every forward of every JRM deployment that is not over, with dates of this host's time zone.
     *
     * @param store the LaunchPad
     * @return the records of {@link #of}
     * @throws org.jlab.jiriaf.jrm.workflow.WorkflowStoreException if the store cannot be reached
     */
    public static List<Map<String, Object>> ofAllThatLive(WorkflowStore store) {
        return of(
                store.list(WorkflowFilter.DEPLOYMENTS).stream()
                        .filter(workflow -> !workflow.state().isOver())
                        .toList(),
                ZoneId.systemDefault());
    }

    /**
     * Lists every forward of the workflows.
     *
     * @param workflows JRM deployments
     * @param zone whose date the records have
     * @return one record per forward, in the order of the workflows: {@code port}, {@code nodename}, {@code timestamp}
     *     ({@code yyyy-mm-dd}, when the workflow was added) and, for custom metrics, {@code mapped_port} and
     *     {@code custom_metrics_port}
     */
    public static List<Map<String, Object>> of(List<Workflow> workflows, ZoneId zone) {
        List<Map<String, Object>> records = new ArrayList<>();
        for (Workflow workflow : workflows) {
            SshInfo ssh = workflow.ssh();
            if (ssh != null) {
                String date = DateTimeFormatter.ISO_LOCAL_DATE.withZone(zone).format(workflow.createdOn());
                ssh.all().forEach(entry -> records.add(row(entry, date)));
            }
        }
        return records;
    }

    private static Map<String, Object> row(SshInfo.Entry entry, String date) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("port", entry.port());
        row.put("nodename", entry.nodename());
        row.put("timestamp", date);
        Integer original = entry.customMetricsPort();
        if (original != null) {
            row.put("mapped_port", entry.port());
            row.put("custom_metrics_port", original);
        }
        return row;
    }
}
