/** Checks the keys of servers against known_hosts files. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.hostkey;

import org.jspecify.annotations.NullMarked;
