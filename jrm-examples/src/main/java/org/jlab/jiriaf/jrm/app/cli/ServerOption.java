package org.jlab.jiriaf.jrm.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jlab.jiriaf.jrm.JrmException;
import org.jlab.jiriaf.jrm.app.Json;
import org.jlab.jiriaf.jrm.app.serve.ServiceAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Which {@code jrm serve} does the work. */
final class ServerOption {

    private static final URI DEFAULT = URI.create("http://127.0.0.1:" + ServiceAddress.DEFAULT_PORT);
    private static final int CONNECT_MILLIS = 1000;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The 'jrm serve' that does the work. Default: the one at 127.0.0.1:8888, if it answers and"
                    + " works on the same LaunchPad")
    private @Nullable URI server;

    @Mixin
    private final TokenOption token = new TokenOption();

    /**
     * Finds the service that is named, or the one at the default address.
     *
     * @param launchpad the LaunchPad that the user wants; a service at the default address that works on another is left alone
     * @param progress told if there is one that is left alone
     * @return the service; empty if none is named and none answers
     * @throws JrmException if the one that is named does not answer
     */
    Optional<ServiceClient> find(LaunchpadOption launchpad, PrintWriter progress) {
        if (server != null) {
            if (server.getHost() == null || !Set.of("http", "https").contains(String.valueOf(server.getScheme()))) {
                throw new ParameterException(
                        command.commandLine(), "--server must be a URL such as " + DEFAULT + ", not '" + server + "'");
            }
            ServiceClient client = new ServiceClient(server, token.token());
            requireJrm(client);
            return Optional.of(client);
        }
        return listens() ? findDefault(launchpad, progress) : Optional.empty();
    }

    /** Cheaper than a request, for the many times that there is none. */
    private static boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(DEFAULT.getHost(), DEFAULT.getPort()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<ServiceClient> findDefault(LaunchpadOption launchpad, PrintWriter progress) {
        ServiceClient client = new ServiceClient(DEFAULT, token.token());
        String served;
        try {
            served = requireJrm(client);
        } catch (JrmException e) {
            // Whatever it is, nobody has said that it is a jrm.
            progress.println("Not used: " + e.getMessage());
            return Optional.empty();
        }
        Optional<String> wanted = launchpad.present().map(Object::toString);
        if (wanted.isPresent() && !wanted.get().equals(served)) {
            progress.println("Not used: jrm at " + DEFAULT + ", which works on "
                    + (served.isEmpty() ? "another LaunchPad or needs a token" : served));
            return Optional.empty();
        }
        return Optional.of(client);
    }

    /** Makes sure that it is a jrm; returns the LaunchPad that it works on, empty if it does not say. */
    private static String requireJrm(ServiceClient client) {
        try {
            JsonNode health = Json.MAPPER.readTree(client.get("/healthz"));
            if (health.path("service").asString("").equals("jrm")) {
                return health.path("launchpad").asString("");
            }
        } catch (JacksonException e) {
            // Falls through to the message.
        }
        throw new JrmException("what answers at " + client.server() + " is no jrm", null, false);
    }

    /** What to say when nobody is there. */
    static String nobody() {
        return "no 'jrm serve' answers at " + DEFAULT;
    }
}
