@NullMarked
package org.jlab.jiriaf.jrm.tunnel;

import org.jspecify.annotations.NullMarked;
