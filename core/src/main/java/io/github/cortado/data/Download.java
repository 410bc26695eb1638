package io.github.cortado.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A file from the web, checked by its MD5, which names the contents and is no protection against an
 * attacker.
 *
 * <p>What has arrived is kept in {@code FILE.part}, and a later attempt asks for the rest. Only
 * when the checksum is right does the file get its name, in one step.
 *
 * @param url http or https
 * @param md5 in hexadecimal
 */
public record Download(URI url, String md5) {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;
    private static final int ATTEMPTS = 5;

    /** What had to be done. */
    public enum Outcome {
        /** The files were there before, and are what they should be. */
        ALREADY_THERE,
        /** The files were fetched. */
        DOWNLOADED
    }

    /** Told of every piece that arrives. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Hears that so many bytes are there.
         *
         * @param bytes from the beginning of the file, those of earlier attempts included
         * @param total of the file, or -1 where the server does not say
         */
        void at(long bytes, long total);
    }

    /** The server's answer is an error, so that asking again at once is of no use. */
    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /**
     * Makes sure that the file is there with the right checksum.
     *
     * @throws IOException where the server cannot be reached or refuses, the connection breaks
     *     again and again without progress, the checksum is wrong (the file is then removed),
     *     another process is downloading, or the disk is full
     */
    public Outcome to(Path file, Progress progress) throws IOException {
        if (Files.exists(file)) {
            String found = md5(file);
            if (found.equalsIgnoreCase(md5)) {
                return Outcome.ALREADY_THERE;
            }
            throw new IOException(
                    "%s: the checksum is %s, expected %s; remove the file to download it again"
                            .formatted(file, found, md5.toLowerCase(Locale.ROOT)));
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel out =
                        FileChannel.open(
                                part,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE);
                FileLock lock = lock(out, part)) {
            fetch(out, progress);
            String found = md5(part);
            if (!found.equalsIgnoreCase(md5)) {
                out.truncate(0);
                throw new IOException(
                        "%s: the checksum of what arrived is %s, expected %s; it was removed"
                                .formatted(url, found, md5.toLowerCase(Locale.ROOT)));
            }
            out.force(true);
            assert lock.isValid();
        } finally {
            if (Files.exists(part) && Files.size(part) == 0) {
                Files.delete(part);
            }
        }
        moveInPlace(part, file);
        return Outcome.DOWNLOADED;
    }

    private static FileLock lock(FileChannel out, Path part) throws IOException {
        FileLock lock = null;
        try {
            lock = out.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another thread of this process has it: the same answer as for another process.
        }
        if (lock == null) {
            throw new IOException(part + ": another download is writing to this file");
        }
        return lock;
    }

    private void fetch(FileChannel out, Progress progress) throws IOException {
        int fruitless = 0;
        while (true) {
            long before = out.size();
            try {
                fetchRest(out, progress);
                return;
            } catch (RefusedException e) {
                throw e;
            } catch (IOException e) {
                fruitless = out.size() > before ? 0 : fruitless + 1;
                if (fruitless == ATTEMPTS) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "%s: %d attempts failed at byte %d: %s",
                                    url,
                                    ATTEMPTS,
                                    out.size(),
                                    e),
                            e);
                }
            }
        }
    }

    private void fetchRest(FileChannel out, Progress progress) throws IOException {
        long have = out.size();
        HttpURLConnection connection = open(have);
        try {
            connect(connection);
            int status = connection.getResponseCode();
            if (status == 416) {
                // There is nothing after what we have: either all of it is there, or it is not
                // this file's. The checksum tells.
                return;
            }
            if (status != 200 && status != 206) {
                throw new RefusedException(
                        String.format(
                                Locale.ROOT,
                                "%s: the server answered %d %s",
                                url,
                                status,
                                connection.getResponseMessage()));
            }
            if (status == 200 || !startsAt(connection, have)) {
                have = 0;
                out.truncate(0);
                if (status == 206) {
                    throw new IOException("the server sent another range than it was asked for");
                }
            }
            long length = connection.getContentLengthLong();
            long total = length < 0 ? -1 : have + length;
            out.position(have);
            try (InputStream in = connection.getInputStream()) {
                have = copy(in, out, have, total, progress);
            }
            if (total >= 0 && have < total) {
                throw new IOException("the connection ended at byte " + have + " of " + total);
            }
        } finally {
            connection.disconnect();
        }
    }

    private HttpURLConnection open(long from) throws IOException {
        URLConnection connection;
        try {
            connection = url.toURL().openConnection();
        } catch (IllegalArgumentException e) {
            throw new RefusedException(url + ": not an absolute http or https URL");
        }
        if (!(connection instanceof HttpURLConnection http)) {
            throw new RefusedException(url + ": only http and https can be downloaded");
        }
        http.setConnectTimeout(CONNECT_MILLIS);
        http.setReadTimeout(READ_MILLIS);
        http.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            http.setRequestProperty("Range", "bytes=" + from + "-");
        }
        return http;
    }

    /** A server that cannot be reached now is not tried again: whoever waits should hear of it. */
    private void connect(HttpURLConnection connection) throws RefusedException {
        try {
            connection.connect();
        } catch (UnknownHostException e) {
            throw new RefusedException(url + ": the host is unknown, or there is no network");
        } catch (IOException e) {
            throw new RefusedException(url + ": no connection (" + e.getMessage() + ")");
        }
    }

    private static boolean startsAt(HttpURLConnection connection, long offset) {
        String range = connection.getHeaderField("Content-Range");
        return range != null && range.strip().startsWith("bytes " + offset + "-");
    }

    private static long copy(
            InputStream in, FileChannel out, long have, long total, Progress progress)
            throws IOException {
        byte[] piece = new byte[1 << 16];
        progress.at(have, total);
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            ByteBuffer bytes = ByteBuffer.wrap(piece, 0, n);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            have += n;
            progress.at(have, total);
        }
        return have;
    }

    private static String md5(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Gives a file or directory its final name, in one step where the file system can. */
    static void moveInPlace(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
