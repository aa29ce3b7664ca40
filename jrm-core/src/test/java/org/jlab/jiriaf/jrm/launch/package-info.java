/** Tests of launching over SSH. */
@NullMarked
package org.jlab.jiriaf.jrm.launch;

import org.jspecify.annotations.NullMarked;
