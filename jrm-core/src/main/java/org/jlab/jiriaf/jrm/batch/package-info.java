/** Batch and node scripts, and the batch system that runs them. */
@NullMarked
package org.jlab.jiriaf.jrm.batch;

import org.jspecify.annotations.NullMarked;
