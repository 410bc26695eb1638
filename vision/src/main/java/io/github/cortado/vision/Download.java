package io.github.cortado.vision;

import io.github.cortado.io.LockFile;
import io.github.cortado.vision.WebAnswer.RefusedException;
import io.github.cortado.vision.WebAnswer.UnreachableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A file from the web, checked by its MD5, which names the contents and is no protection against an
 * attacker.
 *
 * <p>What has arrived is kept in {@code FILE.part}, and a later attempt asks for the rest. Only
 * when the checksum is right does the file get its name, in one step. Of all threads and processes
 * that want the same file one downloads it; the others wait, and find it there. They agree by a
 * lock on {@code .FILE.lock}, which stays.
 *
 * @param url http or https; redirects are followed, but not from https to http
 * @param md5 in hexadecimal
 * @param maxBytes that the file may have at most, whatever the server sends
 */
public record Download(URI url, String md5, long maxBytes) {
    private static final System.Logger LOG = System.getLogger("io.github.cortado");
    private static final long MAX_BYTES = 16L << 30;

    /** A file of at most 16 GiB. */
    public Download(URI url, String md5) {
        this(url, md5, MAX_BYTES);
    }

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

    /**
     * Makes sure that the file is there with the right checksum.
     *
     * @throws IOException where the server cannot be reached or refuses, brings nothing new for
     *     eight attempts in half a minute, is silent for a minute or takes six hours, sends more
     *     than it may, the checksum is wrong (the file is then removed), or the disk is full
     */
    public Outcome to(Path file, Progress progress) throws IOException {
        if (isThere(file)) {
            return Outcome.ALREADY_THERE;
        }
        return locked(file, () -> toLocked(file, progress, Patience.LONG));
    }

    /**
     * Reads a small file into memory, in one attempt of at most two minutes.
     *
     * @throws IOException where the server cannot be reached, refuses, is silent for 20 s, or sends
     *     more than {@code maxBytes}
     */
    public static byte[] bytes(URI url, int maxBytes) throws IOException {
        return bytes(url, maxBytes, Patience.SHORT);
    }

    static byte[] bytes(URI url, int maxBytes, Patience patience) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (WebAnswer answer = WebAnswer.to(url, 0, patience.start())) {
            if (answer.status() != 200) {
                throw refused(url, answer);
            }
            for (List<ByteBuffer> piece = answer.next(); piece != null; piece = answer.next()) {
                for (ByteBuffer part : piece) {
                    if (part.remaining() > maxBytes - bytes.size()) {
                        throw new RefusedException(
                                "%s: more than %s, too large here"
                                        .formatted(url, inWords(maxBytes)));
                    }
                    byte[] copy = new byte[part.remaining()];
                    part.get(copy);
                    bytes.writeBytes(copy);
                }
            }
            return bytes.toByteArray();
        } catch (RefusedException | UnreachableException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(url + ": " + e.getMessage(), e);
        }
    }

    private static String inWords(int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MB" : bytes + " bytes";
    }

    /** Something to do while no other thread or process does the same for the same file. */
    interface Work {
        Outcome run() throws IOException;
    }

    /** Runs work on a file and what becomes of it, once whoever else does so has ended. */
    static Outcome locked(Path file, Work work) throws IOException {
        LockFile lock;
        try {
            lock =
                    LockFile.lock(
                            file.resolveSibling("." + file.getFileName() + ".lock"),
                            () ->
                                    LOG.log(
                                            System.Logger.Level.INFO,
                                            "Waiting for another download of " + file));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    file + " cannot be locked (" + e.getMessage() + "); do not download it twice");
            return work.run();
        }
        try (lock) {
            return work.run();
        }
    }

    private boolean isThere(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        String found = md5(file);
        if (!found.equalsIgnoreCase(md5)) {
            throw new IOException(
                    "%s: the checksum is %s, expected %s; remove the file to download it again"
                            .formatted(file, found, md5.toLowerCase(Locale.ROOT)));
        }
        return true;
    }

    /** As {@link #to}, with the lock held: what was not there may have come while it was not. */
    Outcome toLocked(Path file, Progress progress, Patience patience) throws IOException {
        if (isThere(file)) {
            return Outcome.ALREADY_THERE;
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (FileChannel out =
                FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            fetch(new Part(part, out), progress, patience.start());
            String found = md5(part);
            if (!found.equalsIgnoreCase(md5)) {
                out.truncate(0);
                throw new IOException(
                        "%s: the checksum of what arrived is %s, expected %s; it was removed"
                                .formatted(url, found, md5.toLowerCase(Locale.ROOT)));
            }
            out.force(true);
        } finally {
            if (Files.exists(part) && Files.size(part) == 0) {
                Files.delete(part);
            }
        }
        moveInPlace(part, file);
        return Outcome.DOWNLOADED;
    }

    /** What has arrived so far; its errors are the disk's and not the network's. */
    private record Part(Path file, FileChannel out) {
        /** A disk that is full is no reason to ask the server again. */
        private static final class DiskException extends IOException {
            private static final long serialVersionUID = 1L;

            DiskException(Path file, IOException e) {
                super(file + ": cannot be written: " + e.getMessage(), e);
            }
        }

        long size() throws IOException {
            return out.size();
        }

        void cutTo(long size) throws DiskException {
            try {
                out.truncate(size);
                out.position(size);
            } catch (IOException e) {
                throw new DiskException(file, e);
            }
        }

        void append(ByteBuffer bytes) throws DiskException {
            try {
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            } catch (IOException e) {
                throw new DiskException(file, e);
            }
        }
    }

    private void fetch(Part part, Progress progress, Patience.Clock clock) throws IOException {
        long begun = part.size();
        long best = begun;
        int inVain = 0;
        while (true) {
            IOException problem;
            try {
                fetchRest(part, progress, clock);
                return;
            } catch (RefusedException | Part.DiskException | InterruptedIOException e) {
                throw e;
            } catch (UnreachableException e) {
                // Whoever begins should hear of it at once; what is under way outlasts it.
                if (best == begun && part.size() <= begun) {
                    throw e;
                }
                problem = e;
            } catch (IOException e) {
                problem = e;
            }
            // Of what was there before: servers without ranges begin anew every time.
            inVain = part.size() > best ? 0 : inVain + 1;
            best = Math.max(best, part.size());
            if (inVain == clock.patience().attempts() || clock.isOver()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s: %s at byte %d: %s",
                                url,
                                clock.isOver()
                                        ? "not done" + clock.limitReached() + ","
                                        : inVain + " attempts failed",
                                best,
                                problem.getMessage()),
                        problem);
            }
            pause(clock, inVain);
        }
    }

    private void pause(Patience.Clock clock, int inVain) throws InterruptedIOException {
        try {
            clock.pause(inVain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(url + ": interrupted");
        }
    }

    private void fetchRest(Part part, Progress progress, Patience.Clock clock) throws IOException {
        long have = part.size();
        try (WebAnswer answer = WebAnswer.to(url, have, clock)) {
            int status = answer.status();
            if (status == 416) {
                // There is nothing after what we have: either all of it is there, or it is not
                // this file's. The checksum tells.
                return;
            }
            if (status != 200 && status != 206) {
                throw refused(url, answer);
            }
            if (answer.begin() != have) {
                have = 0;
                part.cutTo(0);
                if (answer.begin() != 0) {
                    throw new IOException("the server sent another range than it was asked for");
                }
            }
            long total = answer.total();
            if (total > maxBytes) {
                throw tooLarge("announced " + total);
            }
            part.cutTo(have);
            have = copy(answer, part, have, progress);
            if (total >= 0 && have < total) {
                throw new IOException("the connection ended at byte " + have + " of " + total);
            }
        }
    }

    private long copy(WebAnswer answer, Part part, long from, Progress progress)
            throws IOException {
        long have = from;
        long total = answer.total();
        progress.at(have, total);
        for (List<ByteBuffer> piece = answer.next(); piece != null; piece = answer.next()) {
            for (ByteBuffer bytes : piece) {
                have += bytes.remaining();
                if (have > maxBytes || (total >= 0 && have > total)) {
                    part.cutTo(0);
                    throw tooLarge("sent more than " + (total < 0 ? maxBytes : total));
                }
                part.append(bytes);
            }
            progress.at(have, total);
        }
        return have;
    }

    private RefusedException tooLarge(String what) {
        return new RefusedException(
                String.format(
                        Locale.ROOT,
                        "%s: the server %s bytes, and at most %d are expected",
                        url,
                        what,
                        maxBytes));
    }

    /** A server that is overloaded may not be so a moment later. */
    private static IOException refused(URI url, WebAnswer answer) {
        String message =
                String.format(Locale.ROOT, "%s: the server answered %d", url, answer.status());
        return answer.status() == 429 || answer.status() >= 500
                ? new UnreachableException(message, null)
                : new RefusedException(message);
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
