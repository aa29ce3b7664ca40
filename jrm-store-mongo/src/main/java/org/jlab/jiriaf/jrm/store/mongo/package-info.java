/** Placeholder. */
@NullMarked
package org.jlab.jiriaf.jrm.store.mongo;

import org.jspecify.annotations.NullMarked;
