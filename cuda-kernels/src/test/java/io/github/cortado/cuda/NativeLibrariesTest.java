package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.JavaProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which driver is used where there are several: the system's, unless the user names another. */
@DisabledOnOs(OS.WINDOWS)
class NativeLibrariesTest {
    private static final String DRIVER = "libcuda.so.1";
    private static final Path BY_NAME = Path.of(DRIVER);

    @TempDir private Path root;

    /** The driver's file in a directory of that name. */
    private Path driver(String directory) throws IOException {
        Path made = Files.createDirectories(root.resolve(directory));
        return Files.createFile(made.resolve(DRIVER));
    }

    private static String directory(Path file) {
        return file.getParent().toString();
    }

    private static List<Path> drivers(
            String property, String libraryPath, Path compat, Path usual) {
        return new NativeLibraries(
                        property,
                        libraryPath,
                        List.of(directory(usual)),
                        List.of(directory(compat)))
                .drivers();
    }

    @Test
    void theSystemsDriverComesBeforeTheCompatibilityFolders() throws IOException {
        Path compat = driver("cuda/compat");
        Path usual = driver("lib");
        assertEquals(List.of(BY_NAME, usual, compat), drivers("", null, compat, usual));
    }

    @Test
    void itDoesSoWhereTheLibraryPathNamesTheFolder() throws IOException {
        Path compat = driver("cuda-13.0/compat/lib.real");
        Path usual = driver("lib");
        Path link = root.resolve("cuda");
        Files.createSymbolicLink(link, compat.getParent());
        for (Path folder : List.of(compat.getParent(), link)) {
            String path = root.resolve("none") + ":" + folder;
            // By its name, the loader would find the folder's.
            assertEquals(List.of(usual, BY_NAME, compat), drivers("", path, compat, usual));
        }
    }

    @Test
    void whatTheUserNamesIsAllThatIsTried() throws IOException {
        Path compat = driver("cuda/compat");
        Path usual = driver("lib");
        Path mine = driver("mine");
        String path = directory(compat) + ":" + directory(mine);
        assertEquals(List.of(mine), drivers("", path, compat, usual));
        assertEquals(List.of(compat), drivers(directory(compat), path, compat, usual));
    }

    @Test
    void withoutAnyFileTheLoaderDecides() {
        NativeLibraries none = new NativeLibraries("", null, List.of(root.toString()), List.of());
        assertEquals(List.of(BY_NAME), none.drivers());
    }

    /** Program of a process of its own: finds a driver where only its second try leads. */
    static final class Second {
        private Second() {}

        public static void main(String[] arguments) throws Exception {
            new NativeLibraries("", null, List.of(arguments), List.of()).loadDriver();
            System.out.println(new Gpu(0).properties().multiprocessors() > 0);
        }
    }

    @Test
    void aPlaceWithoutADriverDoesNotSpoilTheNext() {
        Emulation.exact();
        String output =
                Command.run(
                        JavaProgram.plain(
                                        Second.class,
                                        List.of("-Xmx256m"),
                                        Emulation.driver().orElseThrow().toString())
                                .command());
        assertEquals("true", output.strip());
    }
}
