/**
 * SSH tunnels on sshj: {@link org.jlab.jiriaf.jrm.ssh.sshj.SshjTunnelManager}. sshj negotiates, authenticates and encrypts;
 * the forwards, their sockets and the supervision of the connections are this package's own.
 */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj;

import org.jspecify.annotations.NullMarked;
