/** How a deployment is made, held, reconciled and ended. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.deploy.internal;

import org.jspecify.annotations.NullMarked;
