package org.jlab.jiriaf.jrm.store.mongo.config;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong and what is odd in a {@code my_launchpad.yaml}. Used by one thread. */
final class Findings {

    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void fault(String text) {
        faults.add(text);
    }

    void warn(String text) {
        warnings.add(text);
    }

    List<String> faults() {
        return faults;
    }

    List<String> warnings() {
        return warnings;
    }

    /** Fails if there is a fault. */
    void require(String source) {
        if (!faults.isEmpty()) {
            throw new LaunchpadConfigException(source, faults);
        }
    }
}
