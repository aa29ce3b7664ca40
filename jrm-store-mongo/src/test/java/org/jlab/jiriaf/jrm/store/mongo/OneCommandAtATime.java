package org.jlab.jiriaf.jrm.store.mongo;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Lets one command at a time through to a server. FerretDB 1.x changes a document in two steps, and loses one of two changes
 * at once whatever program makes them; behind this it does not.
 */
final class OneCommandAtATime extends WireProxy {

    OneCommandAtATime(InetSocketAddress server) {
        super(server);
        start();
    }

    @Override
    synchronized byte[] answer(byte[] request, Server server) throws IOException {
        return server.answer(request);
    }
}
