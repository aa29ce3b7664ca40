package org.jlab.jiriaf.jrm.script;

/**
 * What runs a workflow at the site without FireWorks there.
 *
 * @param batchScript the script for the batch system
 * @param tasks the tasks of the workflow as one script, {@value #TASKS_FILE} in the launch folder
 */
public record LaunchScripts(String batchScript, String tasks) {

    /** Name of the script of the tasks in the launch folder. */
    public static final String TASKS_FILE = "tasks.sh";

    /**
     * Name of the folder in the launch folder that the job reports in: {@code job} has the job's id, {@code errors}
     * what the tasks printed on standard error, {@code exit} the exit code once they have ended. It is made by whoever runs the
     * launch, or gives it up, which leaves {@code given-up} there; nobody else does either then.
     */
    public static final String REPORT_FOLDER = "rocket";
}
