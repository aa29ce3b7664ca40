package org.jlab.jiriaf.jrm.tunnel;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jlab.jiriaf.jrm.internal.ShellQuote;

/**
 * One user's hold on the SSH connection to a login node. Sessions with equal routes share a connection; it ends when the
 * last of them is closed. Thread-safe. Closing twice is harmless.
 */
public interface LoginSession extends AutoCloseable {

    /**
     * Where it leads.
     *
     * @return the route
     */
    SshRoute route();

    /**
     * How the SSH connection is doing, and to which login node it leads. Does not block.
     *
     * @return the present state of the connection
     */
    ConnectionState connection();

    /**
     * Opens forwards: all, or none. Returns when each is proved to be up: a local forward listens; a connection made on the
     * login node to a remote forward arrives here.
     *
     * @param forwards what to forward
     * @param timeout how long it may take in all
     * @return a tunnel for each forward, in the same order; closing the session closes them
     * @throws TunnelException if one of them cannot be opened; {@link TunnelException#forward()} says which, and none stays
     *     open
     */
    List<Tunnel> open(List<Forward> forwards, Duration timeout);

    /**
     * Runs a script on the login node in {@code /bin/sh}, whatever the user's login shell is; that shell gives it its
     * environment, such as {@code PATH}, and its folder, and what it prints itself is left out. Standard input is empty. Whoever
     * builds the script quotes its values with {@link ShellQuote}.
     *
     * @param script the script, in the language of a POSIX shell; a mebibyte is no problem
     * @param timeout how long it may take; then it is abandoned
     * @return what it printed and how it ended; an exit code other than 0 is a result, not an error
     * @throws TunnelException if it could not be run or did not end in time, or its answer is not complete
     */
    ExecResult exec(String script, Duration timeout);

    /**
     * Runs a script with arguments, as {@link #exec(String, Duration)} does.
     *
     * @param script the script, which has the arguments as {@code $1}, {@code $2} and so on
     * @param arguments any texts without NUL
     * @param timeout how long it may take; then it is abandoned
     * @return what it printed and how it ended; an exit code other than 0 is a result, not an error
     * @throws TunnelException if it could not be run or did not end in time, or its answer is not complete
     */
    default ExecResult exec(String script, List<String> arguments, Duration timeout) {
        return exec("set -- " + ShellQuote.join(arguments) + "\n" + script, timeout);
    }

    /**
     * Reads a file of the login node.
     *
     * @param path the file; a relative path starts at the home directory
     * @param limit the largest size in bytes that is accepted
     * @param timeout how long it may take
     * @return its content
     * @throws TunnelException if it is not there, cannot be read or is larger
     */
    byte[] readFile(String path, int limit, Duration timeout);

    /**
     * Writes a file on the login node, readable by its owner alone. It appears complete or not at all: the content goes into
     * a file beside it, which then takes its name.
     *
     * @param path the file, replaced if it is there; a relative path starts at the home directory, and the directory has to
     *     exist
     * @param content what is written
     * @param timeout how long it may take
     * @throws TunnelException if it cannot be written
     */
    void writeFile(String path, byte[] content, Duration timeout);

    /**
     * Checks that the connection is alive: the server answers.
     *
     * @param timeout how long it may take
     * @throws TunnelException if it does not answer in time
     */
    void check(Duration timeout);

    /**
     * Asks the login node, in one request, on which TCP ports something listens, whatever the address and whoever it is.
     *
     * @param timeout how long it may take
     * @return the ports
     * @throws TunnelException if it cannot be found out
     */
    Set<Integer> listeningPorts(Duration timeout);

    /** Closes the tunnels of this session, and the connection if no other session uses it. */
    @Override
    void close();
}
