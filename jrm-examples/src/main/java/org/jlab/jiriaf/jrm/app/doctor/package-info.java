/** Checks whether everything is there that a deployment to a site needs. */
@NullMarked
package org.jlab.jiriaf.jrm.app.doctor;

import org.jspecify.annotations.NullMarked;
