/** Deployments as people read them: tables and maps. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.report;

import org.jspecify.annotations.NullMarked;
