package io.github.cortado.data;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the reference results are: {@code -Dcortado.oracle=DIR}, else {@code shared/oracle} beside
 * the root of the build, else the few cases among the test resources.
 */
final class OracleDirectory {
    private OracleDirectory() {}

    static Path find() {
        String given = System.getProperty("cortado.oracle", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path shared = root().resolveSibling("shared");
        Path beside = shared.resolve("oracle");
        if (Files.isRegularFile(beside.resolve("transforms.json"))) {
            return beside;
        }
        if ("true".equals(System.getenv("CI")) && Files.isDirectory(shared)) {
            throw new AssertionError(shared + " is there, but has no oracle/transforms.json");
        }
        try {
            return Path.of(OracleDirectory.class.getResource("/oracle").toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Path root() {
        String given = System.getProperty("cortado.root", "");
        if (!given.isEmpty()) {
            return Path.of(given).toAbsolutePath().normalize();
        }
        Path root = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        while (root.getParent() != null
                && Files.isRegularFile(root.getParent().resolve("pom.xml"))) {
            root = root.getParent();
        }
        return root;
    }
}
