/** Workflows in a FireWorks LaunchPad: what is stored, in which states it can be, who may change it. */
@NullMarked
package org.jlab.jiriaf.jrm.workflow;

import org.jspecify.annotations.NullMarked;
