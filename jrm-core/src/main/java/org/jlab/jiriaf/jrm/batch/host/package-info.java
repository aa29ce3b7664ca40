/** A host without batch system, on which jobs are processes. */
@NullMarked
package org.jlab.jiriaf.jrm.batch.host;

import org.jspecify.annotations.NullMarked;
