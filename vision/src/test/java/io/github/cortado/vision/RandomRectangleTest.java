package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is random in RandomResizedCrop, RandomErasing and RandomGrayscale. */
class RandomRectangleTest {
    private static final int SIDE = 40;

    private final Image picture = noise(SIDE, SIDE);

    private static Image noise(int height, int width) {
        byte[] bytes = new byte[3 * height * width];
        new Random(4).nextBytes(bytes);
        return Image.of(bytes, height, width);
    }

    private static Image white() {
        byte[] bytes = new byte[3 * SIDE * SIDE];
        Arrays.fill(bytes, (byte) 255);
        return Image.of(bytes, SIDE, SIDE);
    }

    /** Rounded sides of a large plane are what was drawn to a part in a thousand. */
    @Test
    void areasAreEvenAndAspectsAreEvenByTheirLogarithm() {
        RandomSides sides = new RandomSides(0.2, 0.6, 0.5, 4);
        Draws draws = new Draws(2);
        int[] areas = new int[4];
        int[] aspects = new int[3];
        int n = 6000;
        for (int i = 0; i < n; i++) {
            RandomSides.Sides drawn = sides.draw(100_000_000, draws.at(1, i));
            double area = (double) drawn.first() * drawn.second() / 100_000_000;
            double log = Math.log((double) drawn.first() / drawn.second()) / Math.log(2);
            assertEquals(0.4, area, 0.2001);
            assertEquals(0.5, log, 1.501);
            areas[(int) Math.max(0, Math.min(3, Math.floor((area - 0.2) * 10)))]++;
            aspects[(int) Math.max(0, Math.min(2, Math.floor(log + 1)))]++;
        }
        // Five deviations.
        for (int count : areas) {
            assertEquals(n / 4, count, 170);
        }
        for (int count : aspects) {
            assertEquals(n / 3, count, 185);
        }
    }

    @Test
    void erasingLeavesARectangleOfTheColourInsideTheLimitsWithItsProbability() {
        RandomErasing erasing = new RandomErasing(0.3).value(10, 20, 30);
        int erased = 0;
        boolean[] seen = new boolean[SIDE * SIDE];
        for (int index = 0; index < 2000; index++) {
            Image out = erasing.apply(white(), new Draws(9).at(0, index));
            int top = SIDE;
            int bottom = -1;
            int left = SIDE;
            int right = -1;
            int area = 0;
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    boolean painted = out.get(0, y, x) == 10;
                    for (int c = 0; c < 3; c++) {
                        assertEquals(painted ? 10 * (c + 1) : 255, out.get(c, y, x));
                    }
                    if (painted) {
                        seen[y * SIDE + x] = true;
                        top = Math.min(top, y);
                        bottom = Math.max(bottom, y);
                        left = Math.min(left, x);
                        right = Math.max(right, x);
                        area++;
                    }
                }
            }
            if (area == 0) {
                continue;
            }
            erased++;
            int rows = bottom - top + 1;
            int columns = right - left + 1;
            assertEquals(rows * columns, area, "no rectangle");
            assertTrue(rows < SIDE && columns < SIDE);
            // Sides are rounded by half a pixel at most.
            assertTrue((rows + 0.5) * (columns + 0.5) >= 0.02 * SIDE * SIDE);
            assertTrue((rows - 0.5) * (columns - 0.5) <= 0.33 * SIDE * SIDE);
            assertTrue((rows + 0.5) / (columns - 0.5) >= 0.3);
            assertTrue((rows - 0.5) / (columns + 0.5) <= 3.3);
        }
        assertEquals(600, erased, 100);
        for (boolean pixel : seen) {
            assertTrue(pixel);
        }
    }

    @Test
    void randomValuesAreAllBytesAndDifferentOnesPerPixel() {
        RandomErasing erasing = new RandomErasing(1).scale(0.3, 0.3).randomValue();
        int[] counts = new int[256];
        int painted = 0;
        for (int index = 0; index < 60; index++) {
            Image out = erasing.apply(new Image(SIDE, SIDE), new Draws(5).at(0, index));
            for (byte value : out.toBytes()) {
                counts[value & 0xff]++;
                painted += value == 0 ? 0 : 1;
            }
        }
        assertEquals(60 * 3 * 0.3 * SIDE * SIDE, painted * 256.0 / 255, 4000);
        for (int value = 1; value < 256; value++) {
            assertEquals(painted / 255.0, counts[value], 6 * Math.sqrt(painted / 255.0));
        }
    }

    /** A rectangle as large as the picture is never drawn. */
    @Test
    void erasingThatNeverFitsLeavesThePictureAsItIs() {
        RandomErasing whole = new RandomErasing(1).scale(1, 1).ratio(1, 1);
        assertEquals(picture, whole.apply(picture, new Draws(0)));
        assertEquals(noise(1, 1), new RandomErasing(1).apply(noise(1, 1), new Draws(0)));
    }

    @Test
    void aCropOfTheWholeAreaIsAResize() {
        RandomResizedCrop whole = new RandomResizedCrop(9, 12).scale(1, 1).ratio(1, 1);
        assertEquals(
                Transforms.resize(picture, 9, 12), whole.apply(picture, new Draws(1).at(0, 3)));
        assertNotEquals(
                whole.apply(picture, new Draws(1).at(0, 3)),
                new RandomResizedCrop(9, 12).apply(picture, new Draws(1).at(0, 3)));
    }

    /** An aspect that no part of the picture has in that area: the middle is taken. */
    @Test
    void aCropThatNeverFitsTakesTheMiddle() {
        Draws draws = new Draws(1);
        Image wide = noise(10, 30);
        RandomResizedCrop square = new RandomResizedCrop(5).scale(1, 1);
        assertEquals(
                Transforms.resizedCrop(wide, 0, 10, 10, 10, 5, 5),
                square.ratio(1, 1).apply(wide, draws));
        Image high = noise(31, 10);
        assertEquals(
                Transforms.resizedCrop(high, 5, 0, 20, 10, 5, 5),
                square.ratio(0.5, 0.5).apply(high, draws));
        assertEquals(
                Transforms.resize(high, 5, 5),
                square.scale(9, 9).ratio(0.1, 10).apply(high, draws));
        assertEquals(
                Transforms.resizedCrop(high, 15, 0, 1, 10, 5, 5),
                square.ratio(1000, 1000).apply(high, draws));
    }

    @Test
    void greyIsTheLuminanceInEveryChannel() {
        int grey = 0;
        for (int index = 0; index < 500; index++) {
            Image out = new RandomGrayscale().apply(picture, new Draws(3).at(0, index));
            grey += out.equals(picture) ? 0 : 1;
        }
        assertEquals(50, grey, 30);
        Image out = Transforms.grayscale(picture);
        assertEquals(out, new RandomGrayscale(1).apply(picture, new Draws(0)));
        assertEquals(picture, new RandomGrayscale(0).apply(picture, new Draws(0)));
        assertEquals(out, Transforms.adjustSaturation(picture, 0));
        assertEquals(out.get(0, 3, 4), out.get(2, 3, 4));
    }

    @Test
    void theyAreDoneOnTheHostUnlessTheyAreNeverApplied() {
        for (PictureTransform some :
                List.of(
                        new RandomResizedCrop(SIDE),
                        new RandomErasing(),
                        new RandomGrayscale(),
                        new Grayscale(3))) {
            assertFalse(Compose.of(some, new ToTensor()).onDevice(SIDE, SIDE).isPresent());
        }
        for (PictureTransform none : List.of(new RandomErasing(0), new RandomGrayscale(0))) {
            assertEquals(PictureStep.Kind.NONE, none.step(0, 4, 4).orElseThrow().kind());
        }
    }

    @Test
    void parametersOutsideTheirLimitsAreRefusedWithTheReason() {
        refused("RandomErasing: p is a probability", () -> new RandomErasing(1.1));
        refused("RandomErasing: scale must be a range", () -> new RandomErasing().scale(0.5, 1.5));
        refused("RandomErasing: scale must be a range", () -> new RandomErasing().scale(0.5, 0.4));
        refused("RandomErasing: ratio must be", () -> new RandomErasing().ratio(0, 1));
        refused("RandomErasing: value must be one", () -> new RandomErasing().value(1, 2, 300));
        refused("RandomResizedCrop: height and width", () -> new RandomResizedCrop(0));
        refused("RandomResizedCrop: scale", () -> new RandomResizedCrop(1).scale(0, 0));
        refused("RandomResizedCrop: ratio", () -> new RandomResizedCrop(1).ratio(2, 1));
        refused("Grayscale: pictures here have 3 channels, got 1", () -> new Grayscale(1));
        refused("RandomGrayscale: p is", () -> new RandomGrayscale(Double.NaN));
        refused(
                "erase: 4 x 5 pixels at (37, 0) are not within a picture [3, 40, 40]",
                () -> Transforms.erase(picture, 37, 0, 4, 5, 0));
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void theyPrintAsTorchvisionsDo() {
        assertEquals(
                "RandomErasing(p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=[0, 0, 0])",
                new RandomErasing().toString());
        assertEquals(
                "RandomResizedCrop(size=(3, 3), scale=(0.08, 1.0), ratio=(0.5, 2.0),"
                        + " interpolation=bilinear, antialias=True)",
                new RandomResizedCrop(3).ratio(0.5, 2).toString());
        assertEquals("RandomGrayscale(p=0.1)", new RandomGrayscale().toString());
        assertEquals("Grayscale(num_output_channels=3)", new Grayscale(3).toString());
    }
}
