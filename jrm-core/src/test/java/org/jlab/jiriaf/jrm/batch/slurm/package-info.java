/** Tests of Slurm's side. */
@NullMarked
package org.jlab.jiriaf.jrm.batch.slurm;

import org.jspecify.annotations.NullMarked;
