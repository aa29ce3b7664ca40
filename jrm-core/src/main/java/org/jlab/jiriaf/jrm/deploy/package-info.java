/** Deploys JRMs to sites, reconciles what is left, and takes them down again: start at {@link org.jlab.jiriaf.jrm.deploy.JrmDeployer}. */
@NullMarked
package org.jlab.jiriaf.jrm.deploy;

import org.jspecify.annotations.NullMarked;
