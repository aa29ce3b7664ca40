/** Kubernetes nodes of JRMs on fabric8: start at {@link org.jlab.jiriaf.jrm.k8s.fabric8.Fabric8NodeManager}. */
@NullMarked
package org.jlab.jiriaf.jrm.k8s.fabric8;

import org.jspecify.annotations.NullMarked;
