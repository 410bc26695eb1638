package io.github.cortado.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The fast loops over pixels beside their definitions, pixel by pixel. */
class PixelsTest {
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
            long[] map = new long[6];
            for (int i = 0; i < 6; i++) {
                boolean offset = i % 3 == 2;
                // Within twice the picture, and slopes of 0 now and then.
                int range = offset ? 34 << 16 : 3 << 16;
                map[i] = !offset && random.nextInt(8) == 0 ? 0 : random.nextInt(range) - range / 2;
            }
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

    /** Just below a half, twice the factor comes so close to 1 that a sum is rounded up to it. */
    @Test
    void saturationIsTheBlendInFloatsForAnyFactor() {
        Random random = new Random(6);
        float[] special = {0, Math.nextDown(0.5f), 0.5f, 1, 2, 1e-30f, 70_000, 3e9f, 1e38f};
        int[] steps = new int[Colours.STEPS];
        for (int again = 0; again < 400; again++) {
            float factor = again < special.length ? special[again] : 2 * random.nextFloat();
            Image picture = noise(40, 40, again);
            Image changed = picture.copy();
            Colours.saturation(changed, factor, steps);
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
