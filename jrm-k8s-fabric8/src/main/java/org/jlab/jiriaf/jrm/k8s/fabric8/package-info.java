/** Placeholder. */
@NullMarked
package org.jlab.jiriaf.jrm.k8s.fabric8;

import org.jspecify.annotations.NullMarked;
