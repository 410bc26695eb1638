package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Image;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What is random in RandAugment, blurs and tones, and in rows of them. */
class AugmentationTest {
    private static final List<Augmentation> FOURTEEN =
            Arrays.asList(Augmentation.values()).subList(0, 14);

    private final Image picture = noise(20, 26);

    private static Image noise(int height, int width) {
        byte[] bytes = new byte[3 * height * width];
        new Random(6).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            // Not all values, so that there is something to be spread.
            bytes[i] = (byte) (40 + (bytes[i] & 0xff) * 3 / 4);
        }
        return Image.of(bytes, height, width);
    }

    /** Those of torch.linspace, whose last bit depends on the processor. */
    @Test
    void magnitudesAreTorchvisions() throws IOException, URISyntaxException {
        Path file =
                Path.of(AugmentationTest.class.getResource("/oracle/augment/spaces.json").toURI());
        int n = 0;
        for (Object c : (List<?>) Json.load(file)) {
            Map<?, ?> m = (Map<?, ?>) c;
            int bins = integer(m, "bins");
            AugmentationSpace space =
                    "rand".equals(m.get("space"))
                            ? AugmentationSpace.rand(bins)
                            : AugmentationSpace.wide(bins);
            List<?> rows = (List<?>) m.get("magnitudes");
            for (Augmentation operation : FOURTEEN) {
                List<?> row = (List<?>) rows.get(operation.ordinal());
                for (int i = 0; i < bins; i++) {
                    double expected = ((Number) row.get(i)).doubleValue();
                    double actual =
                            space.magnitude(
                                    operation, i, integer(m, "height"), integer(m, "width"));
                    assertEquals(expected, actual, Math.ulp((float) expected), operation + " " + i);
                    assertEquals((int) expected, (int) actual, operation + " " + i);
                    n++;
                }
            }
        }
        assertEquals(2 * 14 * (31 + 12 + 2), n);
    }

    private static int integer(Map<?, ?> map, String name) {
        return ((Number) map.get(name)).intValue();
    }

    @Test
    void policiesAreTorchvisions() throws IOException, URISyntaxException {
        Path file =
                Path.of(
                        AugmentationTest.class
                                .getResource("/oracle/augment/policies.json")
                                .toURI());
        List<?> policies = (List<?>) Json.load(file);
        assertEquals(AutoAugmentPolicy.values().length, policies.size());
        for (Object c : policies) {
            String name = (String) ((Map<?, ?>) c).get("case");
            List<?> pairs = (List<?>) ((Map<?, ?>) c).get("pairs");
            List<List<AutoAugmentPolicy.Step>> ours = AutoAugmentPolicy.valueOf(name).pairs();
            assertEquals(25, pairs.size());
            assertEquals(25, ours.size());
            for (int i = 0; i < 25; i++) {
                List<?> pair = (List<?>) pairs.get(i);
                assertEquals(pair.size(), ours.get(i).size());
                for (int k = 0; k < pair.size(); k++) {
                    List<?> step = (List<?>) pair.get(k);
                    AutoAugmentPolicy.Step our = ours.get(i).get(k);
                    assertEquals(
                            ((String) step.get(0)).toUpperCase(Locale.ROOT),
                            our.operation().name().replace("_", ""));
                    assertEquals(((Number) step.get(1)).floatValue(), our.p());
                    assertEquals(
                            our.operation().hasMagnitude() ? step.get(2) : null,
                            our.operation().hasMagnitude() ? (Object) (long) our.step() : null);
                }
            }
        }
    }

    @Test
    void transformsThatAreAppliedTogetherAreAllOrNone() {
        RandomApply both =
                new RandomApply(List.of(new RandomInvert(1), new CenterCrop(5), new Pad(1)), 0.3);
        Image expected =
                Transforms.pad(
                        Transforms.centerCrop(Transforms.invert(picture), 5, 5),
                        1,
                        1,
                        1,
                        1,
                        PaddingMode.CONSTANT);
        int applied = 0;
        for (int index = 0; index < 500; index++) {
            Image out = both.apply(picture, new Draws(4).at(0, index));
            assertEquals(out.height() == 7 ? expected : picture, out);
            applied += out.height() == 7 ? 1 : 0;
        }
        assertEquals(150, applied, 50);
    }

    /** Which of fourteen it was, by the picture: none of their results is another's. */
    @Test
    void everyOperationAndBothSignsAreAsLikely() {
        RandAugment one = new RandAugment(1, 9);
        AugmentationSpace space = AugmentationSpace.rand(31);
        List<Image> results = new ArrayList<>();
        List<Integer> expected = new ArrayList<>();
        int n = 2800;
        for (Augmentation operation : FOURTEEN) {
            double m = space.magnitude(operation, 9, 20, 26);
            results.add(operation.apply(picture, m));
            expected.add(operation.isSigned() ? n / 28 : n / 14);
            if (operation.isSigned()) {
                results.add(operation.apply(picture, -m));
                expected.add(n / 28);
            }
        }
        assertEquals(23, new HashSet<>(results).size());
        int[] counts = new int[results.size()];
        for (int index = 0; index < n; index++) {
            counts[results.indexOf(one.apply(picture, new Draws(8).at(0, index)))]++;
        }
        for (int i = 0; i < counts.length; i++) {
            assertEquals(expected.get(i), counts[i], 5 * Math.sqrt(expected.get(i)));
        }
    }

    @Test
    void trivialAugmentTakesEveryStep() {
        TrivialAugmentWide wide = new TrivialAugmentWide(3);
        Set<Image> seen = new HashSet<>();
        for (int index = 0; index < 2000; index++) {
            seen.add(wide.apply(picture, new Draws(8).at(0, index)));
        }
        // The picture itself, auto-contrast and equalized, two steps with two signs of nine, two of
        // posterized and of solarized; but all four that move it by 32 pixels leave black.
        assertEquals(1 + 2 + 2 * 2 * 9 + 2 + 2 - 3, seen.size());
    }

    @Test
    void noOperationsAndStepNoughtLeaveThePictureAsItIs() {
        for (int index = 0; index < 60; index++) {
            Draws draws = new Draws(1).at(0, index);
            assertEquals(picture, new RandAugment(0, 9).apply(picture, draws));
            Image out = new RandAugment(1, 0).apply(picture, draws.at(0, index));
            assertTrue(
                    out.equals(picture)
                            || out.equals(Transforms.autocontrast(picture))
                            || out.equals(Transforms.equalize(picture))
                            || out.equals(Transforms.solarize(picture, 255)));
        }
    }

    @Test
    void theBlurIsTheOneOfItsDraw() {
        GaussianBlur blur = new GaussianBlur(5, 3);
        for (int index = 0; index < 20; index++) {
            float sigma = new Draws(2).at(0, index).uniform(0.1f, 2);
            assertEquals(
                    Transforms.gaussianBlur(picture, 5, 3, sigma, sigma),
                    blur.apply(picture, new Draws(2).at(0, index)));
        }
        assertEquals(
                Transforms.gaussianBlur(picture, 7, 7, 1.5, 1.5),
                new GaussianBlur(7).sigma(1.5).apply(picture, new Draws(0)));
        assertEquals(picture, Transforms.gaussianBlur(picture, 1, 1, 1, 1));
    }

    /** Of a single white pixel, the weights are seen. */
    @Test
    void theBlursWeightsAreAGaussiansAndAddUpToOne() {
        for (double sigma : new double[] {0.3, 1, 40}) {
            float[] w = Blur.gaussian(9, sigma);
            double sum = 0;
            for (int i = 0; i < 9; i++) {
                sum += w[i];
                double expected = w[4] * Math.exp(-(i - 4) * (i - 4) / (2 * sigma * sigma));
                assertEquals(expected, w[i], 1e-6);
                assertEquals(w[8 - i], w[i]);
            }
            assertEquals(1, sum, 1e-6);
        }
    }

    @Test
    void eachIsAppliedWithItsProbability() {
        for (PictureTransform half :
                List.of(
                        new RandomAutocontrast(),
                        new RandomEqualize(),
                        new RandomInvert(),
                        new RandomPosterize(2),
                        new RandomSolarize(100),
                        new RandomAdjustSharpness(3),
                        new RandomVerticalFlip())) {
            int applied = 0;
            for (int index = 0; index < 400; index++) {
                Image out = half.apply(picture, new Draws(4).at(0, index));
                applied += out.equals(picture) ? 0 : 1;
            }
            assertEquals(200, applied, 50, half.toString());
        }
    }

    @Test
    void invertingAndMirroringTwiceGiveThePictureBack() {
        assertNotEquals(picture, Transforms.invert(picture));
        assertEquals(picture, Transforms.invert(Transforms.invert(picture)));
        assertEquals(picture, Transforms.vflip(Transforms.vflip(picture)));
        assertEquals(picture.get(1, 0, 3), Transforms.vflip(picture).get(1, 19, 3));
        assertEquals(Transforms.hflip(Transforms.vflip(picture)), Transforms.rotate(picture, 180));
    }

    /** Vertical flips go in one pass with other geometry. */
    @Test
    void aRowOfFlipsIsOneAfterTheOther() {
        Compose row = Compose.of(new RandomVerticalFlip(1), new RandomRotation(30, 30));
        assertEquals(
                Transforms.rotate(Transforms.vflip(picture), 30),
                row.picture(picture, new Draws(0)));
    }

    /** Every transform that is random, in core's loader, whose workers share the transforms. */
    @Test
    @Timeout(60)
    void anyNumberOfWorkersMakesTheSameBatches() {
        Compose all =
                Compose.of(
                        new RandomCrop(32).padding(4).paddingMode(PaddingMode.REFLECT),
                        new RandAugment(),
                        new RandomResizedCrop(24, 28),
                        new GaussianBlur(5),
                        new RandomErasing(0.7).randomValue(),
                        new TrivialAugmentWide(),
                        new RandomApply(List.of(new ColorJitter(0.2, 0.2, 0.2)), 0.8),
                        new AutoAugment(AutoAugmentPolicy.CIFAR10),
                        new RandomGrayscale(),
                        new RandomAutocontrast(),
                        new RandomVerticalFlip(),
                        new CenterCrop(20),
                        new Pad(2),
                        new ToTensor(),
                        new Normalize(0.5, 0.5));
        DataLoader loader =
                new DataLoader(SyntheticShapes.train(60, 0), all)
                        .batchSize(8)
                        .shuffle(true)
                        .seed(3);
        List<float[]> alone = batches(loader, 1);
        assertFalse(Arrays.equals(alone.get(0), batches(loader.seed(4), 1).get(0)));
        for (int workers : new int[] {1, 2, 5}) {
            List<float[]> together = batches(loader.workers(workers), 1);
            assertEquals(alone.size(), together.size());
            for (int i = 0; i < alone.size(); i++) {
                assertTrue(Arrays.equals(alone.get(i), together.get(i)), workers + ": " + i);
            }
        }
    }

    private static List<float[]> batches(DataLoader loader, int epoch) {
        List<float[]> all = new ArrayList<>();
        for (Batch batch : loader.epoch(epoch)) {
            all.add(batch.images().toFloats());
        }
        return all;
    }

    @Test
    void theyAreDoneOnTheHostUnlessTheyAreNeverApplied() {
        for (PictureTransform some :
                List.of(
                        new RandAugment(),
                        new TrivialAugmentWide(),
                        new AutoAugment(),
                        new RandomApply(List.of(new Pad(0))),
                        new GaussianBlur(3),
                        new RandomVerticalFlip(),
                        new RandomInvert(0.1))) {
            assertFalse(Compose.of(some, new ToTensor()).onDevice(20, 26).isPresent());
        }
        assertEquals(PictureStep.Kind.NONE, new RandomInvert(0).step(0, 4, 4).orElseThrow().kind());
    }

    @Test
    void parametersOutsideTheirLimitsAreRefusedWithTheReason() {
        refused("RandAugment: there must be 0 operations", () -> new RandAugment(-1, 9));
        refused("a magnitude of 0 to 30, got 2 and 31", () -> new RandAugment(2, 31));
        refused("RandAugment: there must be 2 magnitudes", () -> new RandAugment(1, 0, 1));
        refused("TrivialAugmentWide: there must be 2", () -> new TrivialAugmentWide(0));
        refused("GaussianBlur: sides of the kernel", () -> new GaussianBlur(4));
        refused("GaussianBlur: sigma must be", () -> new GaussianBlur(3).sigma(2, 1));
        refused("gaussianBlur: sigma must be", () -> Transforms.gaussianBlur(picture, 3, 3, 0, 1));
        refused(
                "GaussianBlur: a kernel 3 wide and 41 high needs more than 1 columns and 20 rows,"
                        + " got a picture [3, 20, 26]",
                () -> new GaussianBlur(3, 41).apply(picture, new Draws(0)));
        refused("posterize: bits must be 0 to 8", () -> Transforms.posterize(picture, 9));
        refused("RandomPosterize: bits", () -> new RandomPosterize(-1));
        refused("solarize: the threshold", () -> Transforms.solarize(picture, Double.NaN));
        refused("RandomSolarize: p is", () -> new RandomSolarize(1, 2));
        refused("RandomAdjustSharpness: the factor", () -> new RandomAdjustSharpness(-1));
        refused("no POSTERIZE of magnitude 9.0", () -> Augmentation.POSTERIZE.apply(picture, 9));
        refused("no ROTATE of magnitude NaN", () -> Augmentation.ROTATE.apply(picture, Double.NaN));
    }

    private static void refused(String reason, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void theyPrintAsTorchvisionsDo() {
        assertEquals(
                "RandAugment(num_ops=2, magnitude=9, num_magnitude_bins=31)",
                new RandAugment().toString());
        assertEquals(
                "GaussianBlur(kernel_size=(5, 3), sigma=[0.1, 2.0])",
                new GaussianBlur(5, 3).toString());
        assertEquals(
                "AutoAugment(policy=AutoAugmentPolicy.IMAGENET)", new AutoAugment().toString());
        assertEquals(
                "RandomApply(\n    p=0.5\n    RandomInvert(p=1.0)\n)",
                new RandomApply(List.of(new RandomInvert(1))).toString());
        assertEquals("RandomAutocontrast(p=0.5)", new RandomAutocontrast().toString());
        assertEquals("RandomPosterize(bits=2, p=0.5)", new RandomPosterize(2).toString());
    }
}
