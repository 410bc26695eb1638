package io.github.cortado.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The kernels' sources, found beside the module or where a system property says. */
final class KernelSources {
    private static final Pattern KERNEL =
            Pattern.compile(
                    "extern \"C\" __global__ void\\s+(?:__launch_bounds__\\([^)]*\\)\\s+)?(\\w+)\\(");

    private static final Pattern INCLUDE =
            Pattern.compile("^#include \"(\\w+\\.cuh)\"", Pattern.MULTILINE);

    private KernelSources() {}

    static Path directory() {
        return Path.of(System.getProperty("cortado.cuda.sources", "src/main/cuda"));
    }

    /** The .cu files in alphabetical order. */
    static List<Path> files() {
        return list(".cu");
    }

    /** The headers that they share. */
    static List<Path> headers() {
        return list(".cuh");
    }

    private static List<Path> list(String ending) {
        try (Stream<Path> files = Files.list(directory())) {
            return files.filter(f -> f.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The headers that a source includes, and those that they include. */
    static Set<String> included(String source) {
        Set<String> all = new LinkedHashSet<>();
        Matcher m = INCLUDE.matcher(source);
        while (m.find()) {
            if (all.add(m.group(1))) {
                all.addAll(included(text(directory().resolve(m.group(1)))));
            }
        }
        return all;
    }

    /** The .cu file of that name. */
    static Path file(String name) {
        return directory().resolve(name + ".cu");
    }

    /** Where the text of a kernel begins and ends. */
    static int[] range(String source, String kernel) {
        Matcher m = KERNEL.matcher(source);
        while (m.find()) {
            if (m.group(1).equals(kernel)) {
                int depth = 0;
                int at = source.indexOf('{', m.end());
                do {
                    char c = source.charAt(at++);
                    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
                } while (depth > 0);
                return new int[] {m.start(), at};
            }
        }
        throw new AssertionError("no kernel " + kernel);
    }

    /** The name of a file without its ending. */
    static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.cuh?$", "");
    }

    /** The kernels of a source, in their order. */
    static List<String> kernels(String source) {
        List<String> names = new ArrayList<>();
        Matcher m = KERNEL.matcher(source);
        while (m.find()) {
            names.add(m.group(1));
        }
        return names;
    }

    /** SHA-256 of texts, each preceded by its length. */
    static String hash(List<String> texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
