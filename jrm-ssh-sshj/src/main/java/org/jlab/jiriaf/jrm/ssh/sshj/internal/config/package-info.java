/** Reads the SSH configuration of the user. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.config;

import org.jspecify.annotations.NullMarked;
