/** Small programs, each of which shows one way to embed jrm. */
@NullMarked
package org.jlab.jiriaf.jrm.examples;

import org.jspecify.annotations.NullMarked;
