/** The Kubernetes nodes that JRMs become. */
@NullMarked
package org.jlab.jiriaf.jrm.node;

import org.jspecify.annotations.NullMarked;
