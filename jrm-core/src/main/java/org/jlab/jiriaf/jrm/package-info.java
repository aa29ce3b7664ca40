/**
 * Deploys JIRIAF Resource Managers: {@code JrmDeployer} and what it reports.
 */
@NullMarked
package org.jlab.jiriaf.jrm;

import org.jspecify.annotations.NullMarked;
