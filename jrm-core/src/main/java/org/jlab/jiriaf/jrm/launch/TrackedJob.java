package org.jlab.jiriaf.jrm.launch;

/**
 * A job that this process knows to be alive, whatever becomes of its workflow.
 *
 * @param launchId its launch
 * @param workflowId its workflow
 * @param name name of its workflow
 * @param jobId its id
 * @param token its comment
 */
record TrackedJob(int launchId, int workflowId, String name, String jobId, String token) {}
