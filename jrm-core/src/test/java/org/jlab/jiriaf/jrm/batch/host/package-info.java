/** Tests of jobs on a host without batch system. */
@NullMarked
package org.jlab.jiriaf.jrm.batch.host;

import org.jspecify.annotations.NullMarked;
