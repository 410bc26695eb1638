package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.data.Image;
import io.github.cortado.vision.ImageFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of every kind beside what Pillow, and so torchvision, reads of them: the same bytes, within
 * 2 of them where the data is JPEG (libraries of JPEG may differ by that), or an IOException with
 * the file's name. What Pillow refuses is never read as a picture.
 *
 * <p>JPEG and WebP have no checksums: of a changed byte in their data, decoders make what they can,
 * or notice. Here alone the two may differ, and how many do is counted. With Debian's JDK, which
 * has Pillow's libjpeg-turbo, no JPEG does; with the libjpeg of other JDKs one of forty.
 */
class PillowTest {
    /** What is refused although it is whole and Pillow reads it. */
    private static final Set<String> REFUSED =
            Set.of(
                    ".ppm",
                    ".tga",
                    ".ico",
                    "grey16",
                    "index-beyond-palette",
                    "part-of-screen",
                    "lossy",
                    "animated",
                    "orientation6.tif",
                    "jpeg.tif",
                    "int.tif",
                    "float.tif",
                    "3x130-g4.tif");

    private static final String UNNOTICED =
            "a changed byte that no checksum covers, read otherwise";

    private static final Path SCRIPT = Path.of("vision/src/test/python/pictures.py");

    @TempDir Path made;

    @Test
    void filesOfEveryKindAreReadAsPillowReadsThem() throws IOException, URISyntaxException {
        compare(Path.of(PillowTest.class.getResource("/pillow/pictures.json").toURI()).getParent());
    }

    /** Thousands of them, where there is a Pillow to make them. */
    @Test
    @Tag("thorough")
    void aWholeCorpusIsReadAsPillowReadsIt() throws IOException, InterruptedException {
        String python = null;
        for (String candidate : List.of("python3", "/usr/bin/python3")) {
            if (python == null && run(candidate, "-c", "import PIL") == 0) {
                python = candidate;
            }
        }
        if (python == null && "true".equals(System.getenv("CI"))) {
            Assertions.fail("CI=true, but no python3 here has Pillow (Debian's python3-pil)");
        }
        Assumptions.assumeTrue(python != null, "no python3 with Pillow");
        Path script = OracleDirectory.buildRoot().resolve(SCRIPT);
        assertEquals(0, run(python, script.toString(), made.toString()), script + " failed");
        compare(made);
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private static void compare(Path path) throws IOException {
        OracleDirectory directory = new OracleDirectory(path);
        Map<String, Tensor> pixels = directory.tensors("pictures.safetensors");
        List<String> faults = new ArrayList<>();
        Map<String, Integer> counts = new TreeMap<>();
        List<Map<String, Object>> cases = directory.cases("pictures.json");
        for (Map<String, Object> c : cases) {
            String name = (String) c.get("case");
            String found = outcome(path.resolve(name), pixels.get(name));
            counts.merge(found.replaceFirst(":.*", ""), 1, Integer::sum);
            if (found.startsWith("FAULT")) {
                faults.add(name + found.substring(5));
            }
        }
        System.out.println("Pictures beside Pillow's, " + path + ": " + counts);
        assertTrue(!counts.isEmpty(), "no pictures in " + path);
        int unnoticed = counts.getOrDefault(UNNOTICED, 0);
        assertTrue(unnoticed <= cases.size() / 100, unnoticed + " damaged files read otherwise");
        assertEquals("", String.join("\n", faults), faults.size() + " of " + counts);
    }

    private static String outcome(Path file, Tensor expected) {
        String name = file.getFileName().toString();
        Image image;
        try {
            image = ImageFiles.read(file);
        } catch (IOException e) {
            if (!e.getMessage().startsWith(file + ": ")) {
                return "FAULT: refused without its name: " + e;
            }
            if (expected == null) {
                return "refused as Pillow does";
            }
            if (name.startsWith("cut-") || name.startsWith("flip-")) {
                return "damaged, refused where Pillow reads it";
            }
            return REFUSED.stream().anyMatch(name::contains)
                    ? "whole, refused where Pillow reads it"
                    : "FAULT: refused: " + e.getMessage();
        } catch (RuntimeException | Error e) {
            return "FAULT: " + e;
        }
        boolean unchecked = name.matches("flip-.*\\.(jpg|webp)");
        if (expected == null) {
            return unchecked && name.endsWith(".webp")
                    ? UNNOTICED
                    : "FAULT: " + image + " although Pillow refuses it";
        }
        List<Integer> shape = List.of(3, image.height(), image.width());
        if (!shape.equals(List.of(3, expected.dim(1), expected.dim(2)))) {
            return "FAULT: " + image + ", Pillow " + expected.shape();
        }
        int off = furthest(image.toBytes(), expected.toBytes());
        boolean lossy =
                new String(bytes(file), StandardCharsets.ISO_8859_1).contains("\u00ff\u00db");
        if (off > 2 && unchecked) {
            return UNNOTICED;
        }
        return off == 0
                ? "equal"
                : off <= 2 && lossy ? "JPEG within " + off : "FAULT: off by " + off;
    }

    private static byte[] bytes(Path file) {
        try {
            return java.nio.file.Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int furthest(byte[] a, byte[] b) {
        int furthest = 0;
        for (int i = 0; i < a.length; i++) {
            furthest = Math.max(furthest, Math.abs((a[i] & 0xff) - (b[i] & 0xff)));
        }
        return furthest;
    }
}
