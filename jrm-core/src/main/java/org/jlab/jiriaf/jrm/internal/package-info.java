/** Helpers of jrm's own modules. Not API: anything here may change or vanish without notice. */
@NullMarked
package org.jlab.jiriaf.jrm.internal;

import org.jspecify.annotations.NullMarked;
