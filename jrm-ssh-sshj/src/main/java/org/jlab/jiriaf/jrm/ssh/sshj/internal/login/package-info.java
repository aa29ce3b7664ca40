/** Proves the identity of the user: keys, certificates, agents, passwords and prompts. Not API: it may change in any release. */
@NullMarked
package org.jlab.jiriaf.jrm.ssh.sshj.internal.login;

import org.jspecify.annotations.NullMarked;
