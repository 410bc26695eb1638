package io.github.cortado.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Replaces a file in one step: a reader, or a crash, sees the old file or the new one, whole. */
public final class AtomicFile {
    /** How many links to links are followed; Linux follows as many. */
    private static final int MAX_LINKS = 40;

    /** With a UUID and two points, names of 200 bytes stay within the 255 of most file systems. */
    private static final int LONGEST_KEPT_NAME = 50;

    /** What to write. */
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes bytes to a new file in the same directory, forces it to disk, and moves it into place.
     *
     * <p>A link stays one: what it leads to is replaced. Permissions, owner and group of a replaced
     * file stay, as far as the system allows it.
     *
     * @param file the file to replace; its directory must exist
     * @param bytes all of the new contents
     * @throws IOException naming {@code file}, if it cannot be written, or is there and no plain
     *     file; it is then as it was, and nothing is left beside it
     */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /** As {@link #write(Path, byte[])}, of what {@code content} writes. */
    static void write(Path file, Content content) throws IOException {
        Path target = target(file);
        // Not createTempFile: that one makes files only their owner can read.
        Path temporary = target.resolveSibling(temporaryName(target));
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                // Before there is anything to read in it.
                keepAttributes(target, temporary);
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(
                    temporary,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw named(file, e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Where links lead to; a plain file, or nothing yet. */
    private static Path target(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MAX_LINKS) {
                throw new FileSystemException(
                        file.toString(), null, "cannot be written, its links go in circles");
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        if (Files.isDirectory(target)) {
            throw new FileSystemException(
                    file.toString(), null, "cannot be written, it is a directory");
        }
        Path directory = target.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(
                    file.toString(), null, "cannot be written, its directory does not exist");
        }
        // A pipe or a device would be gone.
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new FileSystemException(
                    file.toString(), null, "cannot be written, it is not a plain file");
        }
        return target;
    }

    private static String temporaryName(Path target) {
        String name = target.getFileName().toString();
        String kept =
                name.codePointCount(0, name.length()) <= LONGEST_KEPT_NAME
                        ? name
                        : name.substring(0, name.offsetByCodePoints(0, LONGEST_KEPT_NAME));
        return "." + kept + "." + UUID.randomUUID();
    }

    private static void keepAttributes(Path target, Path temporary) throws IOException {
        PosixFileAttributeView to =
                Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        if (to == null || !Files.exists(target)) {
            return;
        }
        PosixFileAttributes from = Files.readAttributes(target, PosixFileAttributes.class);
        PosixFileAttributes own = to.readAttributes();
        try {
            if (!from.owner().equals(own.owner())) {
                to.setOwner(from.owner());
            }
            if (!from.group().equals(own.group())) {
                to.setGroup(from.group());
            }
        } catch (FileSystemException e) {
            // Only root may give a file away: whoever replaces it is then its owner.
        }
        to.setPermissions(from.permissions());
    }

    /** The same mishap of the file that the caller knows, since nobody knows the temporary one. */
    private static FileSystemException named(Path file, IOException e) {
        @Nullable String reason =
                e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        FileSystemException named;
        if (e instanceof AccessDeniedException) {
            named =
                    new AccessDeniedException(
                            file.toString(), null, "cannot be written: permission denied");
        } else if (e instanceof NoSuchFileException) {
            named =
                    new NoSuchFileException(
                            file.toString(),
                            null,
                            "cannot be written, its directory does not exist any more");
        } else {
            named =
                    new FileSystemException(
                            file.toString(),
                            null,
                            "cannot be written: "
                                    + (reason == null ? e.getClass().getSimpleName() : reason));
        }
        named.initCause(e);
        return named;
    }

    /** Writes all that remains in the buffer, since a channel may take less at a time. */
    static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
