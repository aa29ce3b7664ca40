@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj;

import org.jspecify.annotations.NullMarked;
