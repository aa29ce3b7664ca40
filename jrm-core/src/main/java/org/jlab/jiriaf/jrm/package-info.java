/** What every package of jrm uses: its exception and its secrets. */
@NullMarked
package org.jlab.jiriaf.jrm;

import org.jspecify.annotations.NullMarked;
