/** The commands of {@code jrm.jar}, each a thin class over the library. */
@NullMarked
package org.jlab.jiriaf.jrm.app.cli;

import org.jspecify.annotations.NullMarked;
