package org.jlab.jiriaf.jrm.script;

import org.jlab.jiriaf.jrm.JrmException;

/** A job cannot be rendered; the message names the field and the value. */
public class BatchScriptException extends JrmException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which field, which value, why not and what to do
     */
    public BatchScriptException(String message) {
        super(message, null, false);
    }
}
