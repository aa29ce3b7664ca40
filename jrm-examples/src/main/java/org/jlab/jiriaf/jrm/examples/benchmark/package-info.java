/** Measurements with peers side by side. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.benchmark;

import org.jspecify.annotations.NullMarked;
