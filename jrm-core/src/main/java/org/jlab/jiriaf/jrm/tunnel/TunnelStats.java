package org.jlab.jiriaf.jrm.tunnel;

/**
 * What has gone through one forward since it was opened, whoever holds it. The figures are read one after the other while
 * traffic goes on; each only grows, but for {@code openConnections}.
 *
 * @param connections connections that reached the target, probes included
 * @param openConnections connections at this moment
 * @param bytesToTarget bytes from the side that listens to the target
 * @param bytesFromTarget bytes from the target to the side that listens
 * @param reconnects how often the forward came up again after it had been down
 */
public record TunnelStats(
        long connections, int openConnections, long bytesToTarget, long bytesFromTarget, int reconnects) {}
