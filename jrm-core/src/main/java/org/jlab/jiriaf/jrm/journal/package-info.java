/** The journal of deployments: how far each has come, and who works on it, so that any process can finish or undo it. */
@NullMarked
package org.jlab.jiriaf.jrm.journal;

import org.jspecify.annotations.NullMarked;
