/** Failures of SSH, as the tunnels tell them. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal;

import org.jspecify.annotations.NullMarked;
