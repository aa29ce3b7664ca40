/** Describes deployments to people and to Prometheus: summaries, network maps and scrape targets. */
@NullMarked
package org.jlab.jiriaf.jrm.report;

import org.jspecify.annotations.NullMarked;
