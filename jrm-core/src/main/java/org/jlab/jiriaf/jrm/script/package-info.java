/** Renders the scripts of a deployment: the batch script, the script of each node, and the queue script of an agent. */
@NullMarked
package org.jlab.jiriaf.jrm.script;

import org.jspecify.annotations.NullMarked;
