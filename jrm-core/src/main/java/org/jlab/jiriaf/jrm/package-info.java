/** Placeholder. */
@NullMarked
package org.jlab.jiriaf.jrm;

import org.jspecify.annotations.NullMarked;
