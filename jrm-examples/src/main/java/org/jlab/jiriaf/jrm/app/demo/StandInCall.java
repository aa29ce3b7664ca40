package org.jlab.jiriaf.jrm.app.demo;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run of a stand-in command: the script at the other end of the connection prints what is answered here. Reading is for one
 * thread; answers may come from any.
 */
final class StandInCall implements Closeable {

    /** Far more than any command line of a rendered script. */
    private static final int MAX_FIELD = 64 * 1024;

    private static final int MAX_ARGUMENTS = 4096;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String token;
    private final String host;
    private final String jobId;
    private final String command;
    private final List<String> arguments;

    StandInCall(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
        this.token = require(read('\0'));
        this.host = require(read('\0'));
        this.jobId = require(read('\0'));
        int count = Integer.parseInt(require(read('\0')));
        if (count < 1 || count > MAX_ARGUMENTS) {
            throw new IOException("Not a stand-in call: " + count + " words");
        }
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(require(read('\0')));
        }
        this.command = words.get(0);
        this.arguments = List.copyOf(words.subList(1, count));
    }

    private static String require(@Nullable String field) throws EOFException {
        if (field == null) {
            throw new EOFException("The stand-in hung up");
        }
        return field;
    }

    private @Nullable String read(char end) throws IOException {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        for (int next = in.read(); next != end; next = in.read()) {
            if (next < 0) {
                return null;
            }
            if (field.size() == MAX_FIELD) {
                throw new IOException("Not a stand-in call: a word of more than " + MAX_FIELD + " bytes");
            }
            field.write(next);
        }
        return field.toString(StandardCharsets.UTF_8);
    }

    String token() {
        return token;
    }

    /** Name of the compute node on which the command runs; empty on the login node. */
    String host() {
        return host;
    }

    /** The batch job in which the command runs; empty outside one. */
    String jobId() {
        return jobId;
    }

    /** The command without its arguments. */
    String command() {
        return command;
    }

    List<String> arguments() {
        return arguments;
    }

    /** Prints a line on the command's standard output. */
    void print(String line) throws IOException {
        answer("out " + line);
    }

    /** Prints a line on the command's standard error. */
    void printError(String line) throws IOException {
        answer("err " + line);
    }

    /** Ends the command. */
    void exit(int code) throws IOException {
        answer("exit " + code);
    }

    /** Sends a line of the command's own protocol. */
    synchronized void answer(String line) throws IOException {
        out.write((line.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /**
     * Reads a line of the command's own protocol.
     *
     * @return the line, or null once the command is gone
     */
    @Nullable
    String readLine() throws IOException {
        return read('\n');
    }

    /** Waits until the command is gone: killed, or the connection closed here. */
    void awaitHangUp() {
        try {
            while (in.read() >= 0) {
                // Nothing is expected.
            }
        } catch (IOException e) {
            // A connection that is reset is gone as well.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    @Override
    public String toString() {
        return command + " " + String.join(" ", arguments);
    }
}
