/**
 * Deploys JIRIAF Resource Managers: {@link org.jlab.jiriaf.jrm.JrmDeployer} and what it reports.
 */
@NullMarked
package org.jlab.jiriaf.jrm;

import org.jspecify.annotations.NullMarked;
