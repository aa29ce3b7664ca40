/** The batch system of a site: submits, lists and cancels jobs. Implement {@link org.jlab.jiriaf.jrm.batch.BatchScheduler} for another one. */
@NullMarked
package org.jlab.jiriaf.jrm.batch;

import org.jspecify.annotations.NullMarked;
