/** The whole main job on one machine: a control plane, a login node, compute nodes and a batch system to try jrm on. */
@NullMarked
package org.jlab.jiriaf.jrm.app.demo;

import org.jspecify.annotations.NullMarked;
