package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir Path dir;

    @BeforeEach
    void posix() {
        assumeTrue(
                dir.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "links, permissions and lengths of names as POSIX has them");
    }

    @Test
    void savingOverALinkKeepsTheLink() throws Exception {
        Files.createDirectory(dir.resolve("disk"));
        Path file = dir.resolve("disk/real.json");
        Path link = dir.resolve("link.json");
        Path linkToLink = dir.resolve("second.json");
        Files.createSymbolicLink(link, Path.of("disk/real.json"));
        Files.createSymbolicLink(linkToLink, link);
        Json.save(linkToLink, List.of(1));
        assertTrue(Files.isSymbolicLink(linkToLink) && Files.isSymbolicLink(link), "still links");
        assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS), "a link into nothing");
        Json.save(link, List.of(2));
        assertTrue(Files.isSymbolicLink(link), "still a link");
        assertEquals(List.of(2L), Json.load(file));
        assertEquals(List.of("link.json", "second.json", "disk"), names("link", "second", "disk"));
    }

    @Test
    void linksThatGoInCirclesAreAnErrorThatNamesTheFile() throws Exception {
        Path link = dir.resolve("a.json");
        Files.createSymbolicLink(link, Path.of("b.json"));
        Files.createSymbolicLink(dir.resolve("b.json"), Path.of("a.json"));
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> Json.save(link, List.of()));
        assertEquals(link + ": cannot be written, its links go in circles", e.getMessage());
    }

    @Test
    void aNameAsLongAsFileSystemsAllowCanBeSaved() throws Exception {
        for (String name :
                List.of("n".repeat(250) + ".json", "\uD83D\uDE00".repeat(62) + ".json")) {
            Json.save(dir.resolve(name), List.of(3));
            assertEquals(List.of(3L), Json.load(dir.resolve(name)));
            SafeTensors.save(dir.resolve(name), Map.of("x", Tensor.of(new float[] {1})));
        }
    }

    @Test
    void aNameThatIsTooLongIsAnErrorThatNamesTheFile() {
        Path file = dir.resolve("n".repeat(300));
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> Json.save(file, List.of()));
        assertEquals(file + ": cannot be written: File name too long", e.getMessage());
    }

    @Test
    void aFullDiskIsAnErrorThatNamesTheFileAndLeavesNothingBehind() throws Exception {
        Path file = dir.resolve("m.safetensors");
        Files.writeString(file, "old");
        IOException e =
                assertThrows(
                        IOException.class,
                        () ->
                                AtomicFile.write(
                                        file,
                                        channel -> {
                                            channel.write(ByteBuffer.wrap(new byte[9]));
                                            throw new IOException("No space left on device");
                                        }));
        assertEquals(file + ": cannot be written: No space left on device", e.getMessage());
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("m.safetensors"), names("m"));
    }

    @Test
    void aDirectoryIsNotReplacedAndTheErrorNamesIt() throws Exception {
        Path file = Files.createDirectory(dir.resolve("out"));
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> Json.save(file, List.of()));
        assertEquals(file + ": cannot be written, it is a directory", e.getMessage());
    }

    /** As root, a file moved to /dev/null would be the end of it. */
    @Test
    void whatIsNoPlainFileIsNotReplaced() throws Exception {
        Path pipe = dir.resolve("pipe");
        assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo");
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> Json.save(pipe, List.of()));
        assertEquals(pipe + ": cannot be written, it is not a plain file", e.getMessage());
        assertFalse(Files.isRegularFile(pipe), "still a pipe");
    }

    @Test
    void permissionsOfAReplacedFileStay() throws Exception {
        Path file = dir.resolve("private.json");
        for (String permissions : List.of("rw-------", "rw-rw-rw-", "rwxr-x---")) {
            Files.deleteIfExists(file);
            Json.save(file, List.of(0));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            Json.save(file, List.of(1));
            assertEquals(
                    permissions,
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals(List.of(1L), Json.load(file));
        }
    }

    @Test
    void aMissingDirectoryIsAnErrorThatNamesTheFile() {
        Path file = dir.resolve("nowhere/x.json");
        FileSystemException e =
                assertThrows(FileSystemException.class, () -> Json.save(file, List.of()));
        assertEquals(file + ": cannot be written, its directory does not exist", e.getMessage());
    }

    /** What is in the directory, those that begin so first and in this order. */
    private List<String> names(String... order) throws IOException {
        List<String> prefixes = List.of(order);
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString())
                    .sorted((a, b) -> Integer.compare(place(prefixes, a), place(prefixes, b)))
                    .toList();
        }
    }

    private static int place(List<String> prefixes, String name) {
        for (int i = 0; i < prefixes.size(); i++) {
            if (name.startsWith(prefixes.get(i))) {
                return i;
            }
        }
        return prefixes.size();
    }
}
