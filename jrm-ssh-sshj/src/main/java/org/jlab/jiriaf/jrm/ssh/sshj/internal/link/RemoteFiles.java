package org.jlab.jiriaf.jrm.ssh.sshj.internal.link;

import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.sftp.FileAttributes;
import net.schmizz.sshj.sftp.OpenMode;
import net.schmizz.sshj.sftp.RemoteFile;
import net.schmizz.sshj.sftp.RenameFlags;
import net.schmizz.sshj.sftp.SFTPClient;
import net.schmizz.sshj.sftp.SFTPException;
import org.jlab.jiriaf.jrm.internal.Deadline;
import org.jlab.jiriaf.jrm.ssh.sshj.internal.SshFailureTranslator;
import org.jlab.jiriaf.jrm.tunnel.TunnelException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of the login node, over SFTP on the connection that is there. */
public final class RemoteFiles {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteFiles.class);
    private static final int OWNER_ONLY = 0600;
    private static final int PIECE = 32 * 1024;

    private final SshLink link;
    private final ScheduledExecutorService timer;

    public RemoteFiles(SshLink link, ScheduledExecutorService timer) {
        this.link = link;
        this.timer = timer;
    }

    /** What is done with an SFTP client. */
    private interface Work<T> {
        T with(SFTPClient client) throws IOException;
    }

    public byte[] read(String path, int limit, Deadline deadline) {
        return run("read the file " + path, deadline, client -> {
            try (RemoteFile file = client.open(path);
                    InputStream in = file.new ReadAheadRemoteFileInputStream(16)) {
                byte[] content = in.readNBytes(limit);
                if (in.read() >= 0) {
                    throw new IOException("it is larger than " + limit + " bytes");
                }
                return content;
            }
        });
    }

    public void write(String path, byte[] content, Deadline deadline) {
        run("write the file " + path, deadline, client -> {
            String part =
                    path + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".part";
            boolean complete = false;
            try {
                writeNew(client, part, content);
                client.rename(part, path, EnumSet.of(RenameFlags.OVERWRITE));
                complete = true;
            } finally {
                if (!complete) {
                    client.rm(part);
                }
            }
            return content.length;
        });
    }

    private static void writeNew(SFTPClient client, String path, byte[] content) throws IOException {
        FileAttributes attributes =
                new FileAttributes.Builder().withPermissions(OWNER_ONLY).build();
        try (RemoteFile file = client.getSFTPEngine()
                .open(path, EnumSet.of(OpenMode.WRITE, OpenMode.CREAT, OpenMode.EXCL), attributes)) {
            for (int offset = 0; offset < content.length; offset += PIECE) {
                file.write(offset, content, offset, Math.min(PIECE, content.length - offset));
            }
        }
    }

    private <T> T run(String what, Deadline deadline, Work<T> work) {
        AtomicBoolean late = new AtomicBoolean();
        try (SFTPClient client = open(what)) {
            ScheduledFuture<?> watchdog = timer.schedule(
                    () -> {
                        late.set(true);
                        closeQuietly(client);
                    },
                    Math.max(0, deadline.nanosLeft()),
                    TimeUnit.NANOSECONDS);
            try {
                return work.with(client);
            } finally {
                watchdog.cancel(false);
            }
        } catch (IOException e) {
            Reason reason = late.get() ? Reason.TIMEOUT : link.isAlive() ? Reason.PROTOCOL : Reason.UNREACHABLE;
            String why = late.get() ? "it took too long" : SshFailureTranslator.message(e);
            throw SshFailureTranslator.failure(reason, "Cannot " + what + " on " + link + ": " + why, e);
        }
    }

    private SFTPClient open(String what) throws IOException {
        try {
            return link.newSftpClient();
        } catch (ConnectionException | SFTPException e) {
            if (!link.isAlive() || SshFailureTranslator.find(e, TimeoutException.class) != null) {
                throw e;
            }
            throw SshFailureTranslator.failure(
                    Reason.CONFIGURATION,
                    "Cannot " + what + " on " + link + ": its SSH server offers no SFTP ("
                            + SshFailureTranslator.message(e)
                            + "). Ask its administrators for 'Subsystem sftp' in sshd_config; 'sftp' to the host must work",
                    e);
        }
    }

    private static void closeQuietly(SFTPClient client) {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("closing an SFTP session failed", e);
        }
    }
}
