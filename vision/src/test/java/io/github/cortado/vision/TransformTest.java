package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.data.Image;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TransformTest {
    private static final int HEIGHT = 20;
    private static final int WIDTH = 24;

    private final Image picture = noise(HEIGHT, WIDTH);
    private final Compose chain = Compose.of(new Resize(20, 24), ReferenceTransforms.TRAINING);

    private static Image noise(int height, int width) {
        byte[] bytes = new byte[3 * height * width];
        new Random(1).nextBytes(bytes);
        return Image.of(bytes, height, width);
    }

    @Test
    void aChainDependsOnSeedEpochIndexAndNothingElse() {
        Image first = chain.picture(picture, new Draws(5).at(2, 7));
        Draws used = new Draws(5).at(9, 9);
        chain.picture(noise(50, 50), used);
        used.uniform();
        assertEquals(first, chain.picture(picture, used.at(2, 7)));
        assertNotEquals(first, chain.picture(picture, new Draws(6).at(2, 7)));
        assertNotEquals(first, chain.picture(picture, new Draws(5).at(3, 7)));
        assertNotEquals(first, chain.picture(picture, new Draws(5).at(2, 8)));
    }

    @Test
    void aChainIsItsStepsOneAfterTheOtherWithTheDocumentedDraws() {
        for (int index = 0; index < 40; index++) {
            Image expected = picture.copy();
            if (stream(index, 1).uniform(0) < 0.5) {
                expected = Transforms.hflip(expected);
            }
            expected = Transforms.rotate(expected, 20 * stream(index, 2).uniform(0) - 10.0);
            PhiloxStream affine = stream(index, 3);
            expected =
                    Transforms.affine(
                            expected,
                            0,
                            0,
                            0,
                            0.8 + 0.4 * affine.uniform(3),
                            20 * affine.uniform(4) - 10.0,
                            0);
            expected = jitter(expected, 0.2, stream(index, 4));
            assertTrue(
                    differences(expected, chain.picture(picture, new Draws(3).at(1, index))) <= 6,
                    "picture " + index);
        }
    }

    /** Small pictures go through all of them at once, large ones one by one. */
    @Test
    void geometricTransformsInARowAreOneAfterTheOther() {
        PictureTransform[] row = {
            new RandomHorizontalFlip(),
            new RandomRotation(30),
            new ColorJitter(0.1, 0.1, 0.1),
            new RandomAffine(20).translate(0.2, 0.1).shear(10, 5).scale(0.5, 2),
            new RandomRotation(10),
            new RandomHorizontalFlip(),
            new RandomHorizontalFlip()
        };
        int[][] sizes = {{20, 24}, {1, 5}, {33, 7}, {256, 256}, {257, 256}};
        Draws draws = new Draws(4);
        for (int[] size : sizes) {
            Image picture = noise(size[0], size[1]);
            for (int index = 0; index < 12; index++) {
                Image expected = picture;
                for (int ordinal = 0; ordinal < row.length; ordinal++) {
                    expected =
                            row[ordinal].apply(
                                    expected, new Draws(4).at(1, index).transform(ordinal));
                }
                Image together = Compose.of(row).picture(picture, draws.at(1, index));
                assertEquals(expected, together, size[0] + " x " + size[1] + ", " + index);
            }
        }
    }

    private static PhiloxStream stream(int index, int ordinal) {
        return Streams.augmentation(3, 1, index, ordinal);
    }

    private static Image jitter(Image image, double strength, PhiloxStream draws) {
        float low = (float) (1 - strength);
        float width = (float) (1 + strength) - low;
        float brightness = low + width * draws.uniform(1);
        float contrast = low + width * draws.uniform(2);
        float saturation = low + width * draws.uniform(3);
        String order =
                new String[] {"bcs", "bsc", "cbs", "csb", "sbc", "scb"}
                        [(int) (6 * draws.uniform(0))];
        for (int i = 0; i < order.length(); i++) {
            image =
                    switch (order.charAt(i)) {
                        case 'b' -> Transforms.adjustBrightness(image, brightness);
                        case 'c' -> Transforms.adjustContrast(image, contrast);
                        default -> Transforms.adjustSaturation(image, saturation);
                    };
        }
        return image;
    }

    private static int differences(Image a, Image b) {
        int count = 0;
        for (int i = 0; i < a.length(); i++) {
            count += a.pixels()[i] == b.pixels()[i] ? 0 : 1;
        }
        return count;
    }

    @Test
    void allOrdersOfTheJitterOccur() {
        ColorJitter jitter = new ColorJitter(0.9, 0.9, 0.9);
        boolean[] seen = new boolean[6];
        for (int index = 0; index < 60; index++) {
            Draws draws = new Draws(3).at(1, index);
            seen[(int) draws.fixed(0, 6)] = true;
            assertEquals(
                    jitter(picture, 0.9, stream(index, 0)),
                    jitter.apply(picture, draws.transform(0)));
        }
        assertArrayEquals(new boolean[] {true, true, true, true, true, true}, seen);
    }

    @Test
    void aFlipWithProbabilityNoughtNeverHappensAndWithOneAlways() {
        for (int index = 0; index < 20; index++) {
            Draws draws = new Draws(1).at(0, index);
            assertEquals(picture, new RandomHorizontalFlip(0).apply(picture, draws));
            assertEquals(
                    Transforms.hflip(picture), new RandomHorizontalFlip(1).apply(picture, draws));
        }
        assertEquals(picture, Transforms.hflip(Transforms.hflip(picture)));
    }

    @Test
    void nothingAskedForLeavesThePictureAsItIs() {
        Draws draws = new Draws(1);
        assertEquals(picture, new RandomAffine(0).apply(picture, draws));
        assertEquals(picture, new RandomRotation(0).apply(picture, draws));
        assertEquals(picture, new ColorJitter(0, 0, 0).apply(picture, draws));
        assertEquals(picture, Transforms.resize(picture, HEIGHT, WIDTH));
        assertEquals(picture, Compose.of().picture(picture, draws));
    }

    @Test
    void aTranslationMovesWholePixelsAndFillsWithBlack() {
        Image moved = Transforms.affine(picture, 0, 3, -2, 1, 0, 0);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean inside = x >= 3 && y + 2 < HEIGHT;
                assertEquals(inside ? picture.get(1, y + 2, x - 3) : 0, moved.get(1, y, x));
            }
        }
        RandomAffine anywhere = new RandomAffine(0).translate(0.25, 0.1);
        boolean[] seen = new boolean[13];
        for (int index = 0; index < 300; index++) {
            Image random = anywhere.apply(picture, new Draws(2).at(0, index));
            for (int x = -6; x <= 6; x++) {
                for (int y = -2; y <= 2; y++) {
                    seen[x + 6] |= random.equals(Transforms.affine(picture, 0, x, y, 1, 0, 0));
                }
            }
        }
        for (boolean shift : seen) {
            assertTrue(shift);
        }
    }

    @Test
    void quarterTurnsOfASquareAreExact() {
        Image square = noise(15, 15);
        Image turned = square;
        for (int i = 1; i <= 4; i++) {
            turned = Transforms.rotate(turned, 90);
            assertEquals(turned, Transforms.rotate(square, 90 * i));
            assertEquals(turned, Transforms.rotate(square, 90 * i - 720));
        }
        assertEquals(square, turned);
        assertEquals(square.get(0, 0, 14), Transforms.rotate(square, 90).get(0, 0, 0));
    }

    @Test
    void extremeMapsStayInsideThePicture() {
        for (double scale : new double[] {1.0 / 128, 128}) {
            for (double shear : new double[] {-80, 80}) {
                Image image =
                        Transforms.affine(noise(300, 7), 45, 1000, -1000, scale, shear, shear);
                assertEquals("Image[3, 300, 7]", image.toString());
            }
        }
        assertEquals("Image[3, 1, 1]", Transforms.rotate(noise(1, 1), 45).toString());
    }

    @Test
    void toTensorAndNormalizeComputeInFloat32() {
        float[] out = new float[5 + picture.length()];
        Compose.of(
                        new ToTensor(),
                        new Normalize(new double[] {0.1, 0.2, 0.3}, new double[] {0.5, 0.25, 2}))
                .toFloats(picture, out, 5);
        float[] mean = {0.1f, 0.2f, 0.3f};
        float[] std = {0.5f, 0.25f, 2f};
        for (int i = 0; i < picture.length(); i++) {
            int c = i / (HEIGHT * WIDTH);
            float x = picture.get(c, i / WIDTH % HEIGHT, i % WIDTH) / 255f;
            assertEquals((x - mean[c]) / std[c], out[5 + i]);
        }
    }

    @Test
    void nestedRowsAreLaidOutFlat() {
        Compose inner = Compose.of(new RandomRotation(5), new RandomHorizontalFlip());
        assertEquals(
                4, Compose.of(inner, new RandomRotation(3), new ToTensor()).transforms().size());
    }

    @Test
    void rowsThatCannotWorkAreRefusedWithTheReason() {
        refused("Normalize", () -> Compose.of(new Normalize(0.5, 0.5)));
        refused(
                "put it before ToTensor",
                () -> Compose.of(new ToTensor(), new RandomHorizontalFlip()));
        refused("put it before ToTensor", () -> Compose.of(new ToTensor(), new ToTensor()));
        assertThrows(
                IllegalStateException.class,
                () -> Compose.of().toFloats(picture, new float[10_000], 0));
    }

    @Test
    void parametersOutsideTheirLimitsAreRefusedWithTheReason() {
        refused("p is a probability", () -> new RandomHorizontalFlip(1.5));
        refused("degrees must be a range", () -> new RandomRotation(Double.NaN));
        refused("degrees must be a range", () -> new RandomRotation(-1));
        refused("shear must be in", () -> new RandomAffine(0).shear(85));
        refused("scale must be in", () -> new RandomAffine(0).scale(0, 1));
        refused("scale must not begin", () -> new RandomAffine(0).scale(1.2, 0.8));
        refused("translate must be in", () -> new RandomAffine(0).translate(1.1, 0));
        refused("brightness must be in", () -> new ColorJitter(-0.1, 0, 0));
        refused("std finite and not 0", () -> new Normalize(0, 0));
        refused("3 channels", () -> new Normalize(new double[1], new double[1]));
        refused("must be positive", () -> new Resize(0, 5));
        refused("scale must be in", () -> Transforms.affine(picture, 0, 0, 0, 0, 0, 0));
        refused("degrees must be in", () -> Transforms.affine(picture, 0, 0, 0, 1, 90, 0));
        refused("degrees must be in", () -> Transforms.rotate(picture, Double.POSITIVE_INFINITY));
        refused("factor must be", () -> Transforms.adjustContrast(picture, -1));
        refused("has 12 bytes, got 11", () -> Image.of(new byte[11], 2, 2));
        refused("exceeds 2 GiB", () -> new Image(30_000, 30_000));
    }

    private static void refused(String reason, Supplier<Object> call) {
        String message = assertThrows(IllegalArgumentException.class, call::get).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void aPictureKnowsItsPixelsAndItsEquals() {
        Image image = new Image(2, 3);
        image.set(2, 1, 0, 200);
        assertEquals(200, image.get(2, 1, 0));
        assertEquals((byte) 200, image.toBytes()[15]);
        Image reused = noise(9, 9);
        reused.set(image);
        assertEquals(image, reused);
        assertEquals(image.hashCode(), reused.hashCode());
        assertNotEquals(new Image(2, 3), image);
        assertNotEquals(new Image(3, 2), new Image(2, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> image.get(0, 2, 0));
    }
}
