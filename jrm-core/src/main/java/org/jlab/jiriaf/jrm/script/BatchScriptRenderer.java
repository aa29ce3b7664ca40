package org.jlab.jiriaf.jrm.script;

/**
 * Turns a job into the scripts that run it: a pure function, so the scripts can be had without submitting anything.
 * Implementations are thread-safe.
 */
@FunctionalInterface
public interface BatchScriptRenderer {

    /**
     * Renders a job.
     *
     * @param job the job
     * @return its scripts; equal jobs give equal bytes
     * @throws BatchScriptException if a value cannot be carried by a script (a line break in a directive) or the result is
     *     too large to run
     */
    BatchScripts render(BatchJob job);
}
