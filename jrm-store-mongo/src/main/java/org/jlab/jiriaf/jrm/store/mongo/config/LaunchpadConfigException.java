package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.List;
import org.jlab.jiriaf.jrm.JrmException;

/** A {@code my_launchpad.yaml} cannot be used. All faults are reported at once. */
public class LaunchpadConfigException extends JrmException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    /**
     * Makes an exception.
     *
     * @param source where the configuration came from, such as a file name
     * @param faults what is wrong, one text per fault, each with key, value and what is expected
     */
    public LaunchpadConfigException(String source, List<String> faults) {
        super(
                source + ": " + faults.size() + (faults.size() == 1 ? " fault" : " faults") + "\n  "
                        + String.join("\n  ", faults),
                null,
                false);
        this.faults = List.copyOf(faults);
    }

    /**
     * What is wrong.
     *
     * @return one text per fault
     */
    public List<String> faults() {
        return faults;
    }
}
