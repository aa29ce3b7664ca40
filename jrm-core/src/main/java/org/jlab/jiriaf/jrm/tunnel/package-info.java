/** SSH connections to login nodes and the forwards they carry. */
@NullMarked
package org.jlab.jiriaf.jrm.tunnel;

import org.jspecify.annotations.NullMarked;
