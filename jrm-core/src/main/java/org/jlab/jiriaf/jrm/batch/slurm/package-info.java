/** Slurm, spoken to by its own commands on a login node. */
@NullMarked
package org.jlab.jiriaf.jrm.batch.slurm;

import org.jspecify.annotations.NullMarked;
