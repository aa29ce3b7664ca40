/** Contract suites: what every backend of a core interface has to do. Outside backends can run them from the test-jar. */
@NullMarked
package org.jlab.jiriaf.jrm.contract;

import org.jspecify.annotations.NullMarked;
