package io.github.cortado.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lock that one holder has at a time, of all threads of all processes of a machine. It is on a
 * file of its own, which stays when the lock is given back, and means nothing by itself: a process
 * that ends, however it ends, has no lock.
 *
 * <p>The file must be used for nothing else. On Linux a process loses its locks on a file when it
 * closes any channel to it, so this class opens it only where this process has no lock on it.
 */
public final class LockFile implements AutoCloseable {
    private static final Set<Path> HELD = new HashSet<>();
    private static final long POLL_MILLIS = 50;
    private static final long LONG_MILLIS = 1000;

    private final Path key;
    private final FileChannel channel;
    private final FileLock lock;

    private LockFile(Path key, FileChannel channel, FileLock lock) {
        this.key = key;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock if nobody has it.
     *
     * @param file made where there is none; its directory must exist
     * @return empty if another thread or process has it
     * @throws IOException if the file cannot be opened, or its file system has no locks
     */
    public static Optional<LockFile> tryLock(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path key =
                (directory == null ? file : directory.toRealPath().resolve(file.getFileName()))
                        .normalize();
        synchronized (HELD) {
            if (!HELD.add(key)) {
                return Optional.empty();
            }
        }
        @Nullable LockFile taken = null;
        try {
            taken = open(key);
            return Optional.ofNullable(taken);
        } finally {
            if (taken == null) {
                giveBack(key);
            }
        }
    }

    private static @Nullable LockFile open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
            return lock == null ? null : new LockFile(file, channel, lock);
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
    }

    /**
     * Takes the lock, waiting for as long as somebody else has it.
     *
     * @param waiting called once, where the wait is longer than a second
     * @throws IOException as {@link #tryLock}, or if the thread is interrupted
     */
    public static LockFile lock(Path file, Runnable waiting) throws IOException {
        Optional<LockFile> taken = tryLock(file);
        for (long waited = POLL_MILLIS; taken.isEmpty(); waited += POLL_MILLIS) {
            if (waited == LONG_MILLIS) {
                waiting.run();
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException(file + ": interrupted while another has the lock");
            }
            taken = tryLock(file);
        }
        return taken.get();
    }

    private static void giveBack(Path key) {
        synchronized (HELD) {
            HELD.remove(key);
        }
    }

    /** Gives the lock back. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (lock.isValid()) {
                lock.release();
            }
        } finally {
            giveBack(key);
        }
    }
}
