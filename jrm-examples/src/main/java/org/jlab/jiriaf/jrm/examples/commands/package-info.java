/** The commands of {@code jrm.jar}, each a thin class over the library. */
@NullMarked
package org.jlab.jiriaf.jrm.examples.commands;

import org.jspecify.annotations.NullMarked;
