/** Placeholder. */
@NullMarked
package org.jlab.jiriaf.jrm.examples;

import org.jspecify.annotations.NullMarked;
