/** The long-running service: the library over HTTP, for people, scripts and pages. */
@NullMarked
package org.jlab.jiriaf.jrm.app.serve;

import org.jspecify.annotations.NullMarked;
