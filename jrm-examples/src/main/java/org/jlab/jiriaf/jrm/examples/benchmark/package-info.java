/** Measurements beside what was used before. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.benchmark;

import org.jspecify.annotations.NullMarked;
