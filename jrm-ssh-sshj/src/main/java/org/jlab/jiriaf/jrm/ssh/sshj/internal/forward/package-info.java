/** Forwards on one SSH connection. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.forward;

import org.jspecify.annotations.NullMarked;
