/** Benchmarks: jrm beside what it replaces, one main for each part, in the same run on the same machine. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.benchmark;

import org.jspecify.annotations.NullMarked;
