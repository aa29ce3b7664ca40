package org.jlab.jiriaf.jrm.examples.practice;

/** The LaunchPad servers of the control plane, two independent implementations. */
enum Launchpad {
    /** jrm's own, in the process of the tests. */
    EMBEDDED(27017),
    /** FerretDB on SQLite, which {@code .ci/practice-site} starts. */
    FERRETDB(PracticeSite.FERRETDB_PORT);

    /** Where it listens on the control plane, and so at the site. */
    final int port;

    Launchpad(int port) {
        this.port = port;
    }
}
