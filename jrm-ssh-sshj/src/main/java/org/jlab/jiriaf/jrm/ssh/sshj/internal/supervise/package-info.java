/** Keeps a route connected and brings its forwards back. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.supervise;

import org.jspecify.annotations.NullMarked;
