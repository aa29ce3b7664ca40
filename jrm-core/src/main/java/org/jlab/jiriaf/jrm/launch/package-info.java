/**
 * Launching workflows over SSH, with nothing installed at the site: what FireWorks' {@code qlaunch} and {@code rlaunch} do
 * there, done from where jrm runs. See {@link org.jlab.jiriaf.jrm.launch.SiteLauncher}.
 */
@NullMarked
package org.jlab.jiriaf.jrm.launch;

import org.jspecify.annotations.NullMarked;
