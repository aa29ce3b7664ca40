/** Tests of site configurations. */
@NullMarked
package org.jlab.jiriaf.jrm.site;

import org.jspecify.annotations.NullMarked;
