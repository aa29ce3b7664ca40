/** Ports leased in the store before they are used. */
@NullMarked
package org.jlab.jiriaf.jrm.port;

import org.jspecify.annotations.NullMarked;
