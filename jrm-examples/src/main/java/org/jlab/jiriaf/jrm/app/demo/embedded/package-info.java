/** Servers inside this process that stand in for a site: LaunchPad, login node, Kubernetes API. */
@NullMarked
package org.jlab.jiriaf.jrm.app.demo.embedded;

import org.jspecify.annotations.NullMarked;
