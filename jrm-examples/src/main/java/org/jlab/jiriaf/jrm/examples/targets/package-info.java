/** What there is to scrape on the JRMs, in the forms that Prometheus and existing scripts read. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.targets;

import org.jspecify.annotations.NullMarked;
