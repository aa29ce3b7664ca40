/** How a login node is logged in to: the hops on the way, and answers to the questions of servers. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.login;

import org.jspecify.annotations.NullMarked;
