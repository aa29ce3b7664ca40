/** One SSH connection with its channels, sessions and files. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import org.jspecify.annotations.NullMarked;
