/** Tests of scripts and batch systems. */
@NullMarked
package org.jlab.jiriaf.jrm.batch;

import org.jspecify.annotations.NullMarked;
