package io.github.cortado.gpucheck;

import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where gpu-check was unpacked: {@code sources} has the files that tests and peers read, under
 * their paths in the repository.
 */
record Place(Path home) {
    private static final String PROPERTY = "cortado.gpucheck.home";

    /** Where the start script says. */
    static Place here() {
        return new Place(Path.of(System.getProperty(PROPERTY, ".")).toAbsolutePath().normalize());
    }

    /** The directory that stands for the root of the repository. */
    Path sources() {
        return home.resolve("sources");
    }

    /** A script of the peer. */
    Path peer(String script) {
        return sources().resolve("benchmarks/peer").resolve(script);
    }

    /** Which fonts Java draws with, whatever the system has. */
    Path fonts() {
        return home.resolve("runtime/lib/fonts/fontconfig.properties");
    }

    /** Which sources all this was made from; says so where nobody knows. */
    Map<String, Object> stamp() {
        Path file = home.resolve("stamp.json");
        Map<String, Object> stamp = new LinkedHashMap<>();
        try {
            if (Json.load(file) instanceof Map<?, ?> found) {
                found.forEach((key, value) -> stamp.put(key.toString(), value));
            }
        } catch (IOException e) {
            stamp.put("unknown", "no stamp: " + e);
        }
        return stamp;
    }

    /** Whether a file of the bundle is there. */
    static boolean isThere(Path file) {
        return Files.isRegularFile(file);
    }
}
