/** Benchmarks: jrm side by side with what it replaces. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.benchmark;

import org.jspecify.annotations.NullMarked;
