package io.github.cortado.vision;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.JavaProgram;
import io.github.cortado.data.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fast loops over pixels beside their definitions, pixel by pixel. */
class PixelsTest {
    private static final float[] SPECIAL = {
        0, Math.nextDown(0.5f), 0.5f, 1, 2, 1e-30f, 8192, 8193, 70_000, 3e9f, 1e38f
    };

    private static Image noise(int height, int width, long seed) {
        byte[] bytes = new byte[3 * height * width];
        new Random(seed).nextBytes(bytes);
        return Image.of(bytes, height, width);
    }

    @Test
    void aFlippedRowIsTheRowFromItsEnd() {
        for (int width = 1; width <= 70; width++) {
            Image picture = noise(3, width, width);
            Image flipped = picture.copy();
            Geometry.flip(flipped);
            for (int c = 0; c < 3; c++) {
                for (int y = 0; y < 3; y++) {
                    for (int x = 0; x < width; x++) {
                        int expected = picture.get(c, y, width - 1 - x);
                        assertEquals(expected, flipped.get(c, y, x), "width " + width);
                    }
                }
            }
        }
    }

    @Test
    void aSampledPixelIsTheOneThatTheMapNames() {
        Random random = new Random(3);
        Image picture = noise(13, 17, 4);
        Image out = noise(2, 2, 5);
        for (int again = 0; again < 500; again++) {
            long[] map = randomMap(random);
            Geometry.sample(picture, map, out);
            for (int y = 0; y < 13; y++) {
                for (int x = 0; x < 17; x++) {
                    int u = (int) Math.floorDiv(map[0] * x + map[1] * y + map[2], 1L << 16);
                    int v = (int) Math.floorDiv(map[3] * x + map[4] * y + map[5], 1L << 16);
                    boolean inside = u >= 0 && u < 17 && v >= 0 && v < 13;
                    for (int c = 0; c < 3; c++) {
                        assertEquals(inside ? picture.get(c, v, u) : 0, out.get(c, y, x));
                    }
                }
            }
        }
    }

    private static long[] randomMap(Random random) {
        long[] map = new long[6];
        for (int i = 0; i < 6; i++) {
            boolean offset = i % 3 == 2;
            // Within twice a picture of 17, and slopes of 0 now and then.
            int range = offset ? 34 << 16 : 3 << 16;
            map[i] = !offset && random.nextInt(8) == 0 ? 0 : random.nextInt(range) - range / 2;
        }
        return map;
    }

    @Test
    void mapsInOnePassAreOneMapAfterTheOther() {
        assumeTrue(VectorPixels.Use.POSSIBLE, "vectors of 256 bits");
        Random random = new Random(7);
        VectorGeometry geometry = new VectorGeometry();
        for (int again = 0; again < 1000; again++) {
            Image picture = noise(1 + random.nextInt(40), 1 + random.nextInt(40), again);
            int n = 1 + random.nextInt(4);
            long[][] maps = new long[n][];
            Image expected = picture;
            for (int k = 0; k < n; k++) {
                maps[k] = randomMap(random);
                Image next = new Image(1, 1);
                Geometry.sample(expected, maps[k], next);
                expected = next;
            }
            assertTrue(VectorGeometry.fits(picture.height(), picture.width(), maps, n));
            Image moved = noise(2, 2, 5);
            geometry.sample(picture, maps, n, moved);
            assertEquals(expected, moved, "map " + again);
        }
    }

    @Test
    void mapsThatLeave32BitsAreNotDoneInOnePass() {
        assumeTrue(VectorPixels.Use.POSSIBLE, "vectors of 256 bits");
        long one = 1L << 16;
        long[][] maps = {{one, 0, 0, 0, one, 0}, {128 * one, 0, 0, 0, one, 0}};
        assertTrue(VectorGeometry.fits(255, 255, maps, 2));
        assertFalse(VectorGeometry.fits(255, 256, maps, 2), "128 * 256 * 2^16 = 2^31");
        assertTrue(VectorGeometry.fits(255, 256, maps, 1));
        assertFalse(VectorGeometry.fits(257, 256, maps, 1), "more than 2^16 pixels");
    }

    @Test
    void coloursOnVectorsAreThoseByTable() {
        assumeTrue(VectorPixels.Use.POSSIBLE, "vectors of 256 bits");
        Random random = new Random(8);
        Colours table = new Colours();
        Colours vectors = new VectorColours();
        for (int again = 0; again < 600; again++) {
            float factor = again < SPECIAL.length ? SPECIAL[again] : 3 * random.nextFloat();
            int height = 1 + random.nextInt(50);
            Image expected = noise(height, 1 + random.nextInt(50), again);
            Image changed = expected.copy();
            String what = "factor " + factor + ", " + changed;
            table.brightness(expected, factor);
            vectors.brightness(changed, factor);
            assertEquals(expected, changed, "brightness, " + what);
            expected.set(0, 0, 0, again);
            changed.set(0, 0, 0, again);
            table.contrast(expected, factor);
            vectors.contrast(changed, factor);
            assertEquals(expected, changed, "contrast, " + what);
            Image colourful = noise(height, 31, again + 1);
            Image other = colourful.copy();
            table.saturation(colourful, factor);
            vectors.saturation(other, factor);
            assertEquals(colourful, other, "saturation, " + what);
        }
    }

    @Test
    void floatsAreWhatToTensorAndNormalizeSay() {
        double[][] means = {{0.5, 0.4, 0.3}, {0.1, 0, -0.1}};
        double[][] deviations = {{0.2, 0.25, 0.7}, {1, 3, 0.5}};
        Compose chain =
                Compose.of(
                        new ToTensor(),
                        new Normalize(means[0], deviations[0]),
                        new Normalize(means[1], deviations[1]));
        Image picture = noise(19, 37, 9);
        float[] out = new float[picture.length() + 6];
        chain.toFloats(picture, out, 5);
        for (int i = 0; i < picture.length(); i++) {
            int c = i / picture.plane();
            float expected = (picture.pixels()[i] & 0xff) / 255f;
            for (int k = 0; k < 2; k++) {
                expected = (expected - (float) means[k][c]) / (float) deviations[k][c];
            }
            assertEquals(expected, out[5 + i]);
        }
        assertEquals(0, out[4]);
        assertEquals(0, out[picture.length() + 5]);
    }

    /**
     * Vectors that C2 cannot keep in registers are objects, tens of kilobytes for a picture: more
     * than its twelve in the batch. What C2 inlines depends on the moment at which it looks, in a
     * virtual machine that does other things and on a busy machine; so the program has one of its
     * own, and one of three has to do without.
     */
    @Test
    void transformsSoonMakeNoGarbage() throws Exception {
        double limit = 1.2 * 3 * 32 * 32 * Float.BYTES;
        List<Long> found = new ArrayList<>();
        do {
            found.add(garbage(limit));
        } while (found.size() < 3 && found.get(found.size() - 1) > limit);
        assertTrue(found.get(found.size() - 1) <= limit, found + " bytes a picture");
    }

    private static long garbage(double limit) throws Exception {
        Process process =
                JavaProgram.withVectors(
                                TransformGarbage.class, List.of("-Xmx512m"), "" + limit, "20")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
            assertEquals(0, process.waitFor(), said);
            return Long.parseLong(said.strip());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Just below a half, twice the factor comes so close to 1 that a sum is rounded up to it. */
    @Test
    void saturationIsTheBlendInFloatsForAnyFactor() {
        Random random = new Random(6);
        for (int again = 0; again < 400; again++) {
            float factor = again < SPECIAL.length ? SPECIAL[again] : 2 * random.nextFloat();
            Image picture = noise(40, 40, again);
            Image changed = picture.copy();
            new Colours().saturation(changed, factor);
            for (int y = 0; y < 40; y++) {
                for (int x = 0; x < 40; x++) {
                    int red = picture.get(0, y, x);
                    int green = picture.get(1, y, x);
                    int blue = picture.get(2, y, x);
                    int grey = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
                    for (int c = 0; c < 3; c++) {
                        float blend = grey + factor * (picture.get(c, y, x) - grey);
                        int expected = (int) Math.max(0, Math.min(255, blend));
                        assertEquals(expected, changed.get(c, y, x), "factor " + factor);
                    }
                }
            }
        }
    }
}
