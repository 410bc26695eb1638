package io.github.cortado.backend.cpu.vector.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.VectorBackend;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.conv.Convolution.Forward;
import io.github.cortado.backend.cpu.vector.conv.Convolution.InputGradient;
import io.github.cortado.backend.cpu.vector.conv.Convolution.WeightGradient;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class ConvolutionTest {
    private static final Conv2dSpec[] SPECS = {
        square(2, 3, 8, 5, 3, 1, 1),
        square(1, 1, 1, 1, 1, 1, 0),
        square(100, 3, 6, 16, 3, 1, 1),
        square(40, 5, 8, 9, 3, 1, 1),
        square(3, 16, 16, 32, 3, 1, 1),
        square(2, 33, 7, 17, 1, 1, 0),
        square(2, 4, 9, 40, 5, 1, 2),
        square(1, 3, 64, 8, 7, 2, 3),
        square(2, 3, 9, 4, 2, 1, 0),
        square(2, 3, 9, 4, 4, 1, 2),
        square(2, 3, 9, 4, 4, 3, 1),
        square(2, 3, 5, 4, 3, 1, 4),
        square(2, 3, 5, 4, 3, 2, 5),
        square(2, 2, 8, 3, 1, 2, 0),
        square(2, 2, 10, 3, 2, 4, 1),
        square(1, 64, 40, 8, 3, 1, 1),
        // One picture: blocks of output channels, the last one narrow, of one strip and of several.
        square(1, 32, 8, 64, 3, 1, 1),
        square(1, 6, 16, 20, 3, 1, 1),
        square(1, 3, 33, 20, 3, 2, 1),
        new Conv2dSpec(1, 6, 9, 9, 22, 3, 3, 1, 1, 1, 1, 1, 1, 2),
        // Products: planes that end between vectors and panels, small ones, one cut into pieces.
        square(40, 9, 4, 70, 1, 1, 0),
        square(200, 33, 2, 17, 1, 1, 0),
        square(13, 40, 6, 24, 1, 1, 0),
        square(3, 20, 33, 12, 1, 1, 0),
        square(1, 8, 64, 40, 1, 1, 0),
        // Many channels: whole and narrow blocks of them, strides, dilation, several rounds.
        square(3, 128, 7, 72, 3, 1, 1),
        square(2, 260, 4, 1040, 1, 1, 0),
        // Winograd: strips of a picture, several small ones, odd sizes, narrow blocks, all borders.
        square(1, 40, 17, 36, 3, 1, 1),
        square(20, 32, 4, 33, 3, 1, 1),
        square(14, 33, 5, 40, 3, 1, 2),
        square(3, 32, 14, 72, 3, 1, 0),
        new Conv2dSpec(1, 32, 3, 202, 34, 3, 3, 1, 1, 1, 2, 1, 1, 1),
        new Conv2dSpec(2, 35, 60, 3, 40, 3, 3, 1, 1, 2, 0, 1, 1, 1),
        new Conv2dSpec(2, 35, 12, 15, 40, 3, 3, 1, 1, 3, 4, 1, 1, 1),
        // Its gradient of the weights: parts that are not equally long, all threads in rounds.
        square(45, 33, 8, 34, 3, 1, 1),
        square(5, 150, 14, 136, 3, 1, 1),
        // With stride 2: whole tiles, sides that leave 1 to 3, long rows, narrow blocks and rests.
        square(25, 32, 8, 40, 3, 2, 1),
        square(13, 33, 15, 64, 3, 2, 1),
        square(40, 35, 5, 36, 3, 2, 1),
        square(7, 40, 14, 130, 3, 2, 1),
        new Conv2dSpec(2, 32, 14, 75, 33, 3, 3, 2, 2, 1, 1, 1, 1, 1),
        new Conv2dSpec(11, 34, 37, 3, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1),
        square(2, 9, 33, 12, 1, 2, 0),
        square(12, 16, 8, 24, 1, 2, 0),
        new Conv2dSpec(7, 24, 14, 70, 33, 1, 1, 2, 2, 0, 0, 1, 1, 1),
        // Few taps inside: several groups of pictures, parts of channels, blocks that are not full.
        square(98, 64, 2, 64, 3, 1, 1),
        square(9, 300, 3, 70, 3, 1, 1),
        square(8, 64, 2, 99, 5, 1, 2),
        new Conv2dSpec(10, 65, 1, 9, 70, 3, 3, 1, 1, 1, 1, 1, 1, 1),
        new Conv2dSpec(8, 64, 3, 4, 64, 5, 3, 2, 1, 3, 1, 1, 2, 1),
        square(12, 120, 30, 32, 3, 3, 1),
        square(3, 48, 9, 50, 5, 2, 2),
        new Conv2dSpec(2, 120, 13, 12, 128, 3, 3, 1, 1, 1, 2, 2, 1, 1),
        new Conv2dSpec(2, 3, 11, 7, 6, 3, 5, 1, 1, 1, 2, 1, 1, 1),
        new Conv2dSpec(2, 3, 11, 17, 6, 2, 3, 2, 1, 0, 1, 1, 1, 1),
        new Conv2dSpec(2, 3, 13, 19, 6, 3, 2, 1, 3, 2, 1, 1, 1, 1),
        new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 1, 1, 2, 2, 2, 2, 1),
        new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 2, 3, 2, 4, 3, 2, 1),
        new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 2, 2, 0, 0, 2, 4, 1),
        new Conv2dSpec(2, 6, 9, 9, 10, 3, 3, 1, 1, 1, 1, 1, 1, 2),
        new Conv2dSpec(2, 12, 9, 9, 12, 3, 3, 2, 2, 1, 1, 1, 1, 12),
        new Conv2dSpec(2, 6, 9, 9, 12, 3, 3, 1, 1, 1, 1, 1, 1, 6),
        new Conv2dSpec(20, 9, 7, 6, 9, 3, 3, 1, 1, 1, 1, 1, 1, 9),
        new Conv2dSpec(2, 8, 70, 45, 16, 5, 5, 1, 1, 2, 2, 1, 1, 8),
        new Conv2dSpec(3, 10, 31, 33, 10, 3, 3, 2, 2, 1, 1, 1, 1, 10),
        // Depthwise: planes of whole vectors and others, more pictures than sums are kept for.
        depthwise(20, 40, 4, 3, 1, 1),
        depthwise(9, 33, 8, 3, 1, 1),
        depthwise(9, 33, 8, 3, 2, 1),
        depthwise(3, 20, 16, 5, 1, 2),
        depthwise(2, 9, 16, 7, 2, 3),
        depthwise(2, 8, 7, 3, 1, 0),
        depthwise(2, 8, 1, 3, 1, 1),
        depthwise(2, 8, 5, 3, 3, 1),
        depthwise(2, 8, 5, 3, 1, 2),
        new Conv2dSpec(2, 8, 4, 16, 8, 3, 3, 2, 1, 1, 1, 1, 1, 8),
        new Conv2dSpec(2, 8, 9, 16, 16, 3, 5, 1, 1, 2, 4, 2, 2, 8),
        // Depthwise, every second column, in all kinds of windows.
        new Conv2dSpec(2, 10, 32, 34, 10, 3, 3, 2, 2, 1, 1, 1, 1, 10),
        new Conv2dSpec(2, 9, 7, 33, 9, 5, 5, 1, 2, 2, 2, 1, 1, 9),
        new Conv2dSpec(1, 8, 9, 70, 8, 2, 2, 3, 2, 0, 0, 1, 1, 8),
        new Conv2dSpec(1, 8, 9, 64, 8, 3, 3, 2, 2, 4, 5, 2, 3, 8),
        new Conv2dSpec(1, 8, 11, 41, 8, 1, 1, 2, 2, 0, 0, 1, 1, 8),
        new Conv2dSpec(1, 8, 1, 41, 8, 1, 7, 1, 2, 0, 1, 1, 1, 8),
        new Conv2dSpec(2, 8, 20, 20, 24, 3, 3, 1, 1, 2, 2, 2, 2, 8),
        new Conv2dSpec(2, 12, 60, 60, 18, 3, 3, 1, 1, 1, 1, 1, 1, 3),
    };

    private final int threads = Parallel.threads();
    private final Convolution convolution = new Convolution(new Unfused(new VectorBackend()));

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void everyWayForwardAgreesWithTheDefinition() {
        Set<String> reached = new TreeSet<>();
        for (Conv2dSpec spec : SPECS) {
            ConvolutionCase example = new ConvolutionCase(spec);
            double[][] expected = example.expectedForward();
            for (var way : convolution.forward.all()) {
                if (way.obstacle().of(spec) == null) {
                    reached.add(way.name());
                    float[] y = example.forward(way.plan().apply(spec));
                    compare(way.name() + spec, expected, y);
                    float[] relu =
                            example.forward(
                                    way.plan().apply(spec.rectified(Double.POSITIVE_INFINITY)));
                    for (int i = 0; i < y.length; i++) {
                        assertEquals(Math.max(y[i], 0f), relu[i]);
                    }
                }
            }
        }
        assertEquals(names(convolution.forward.all()), reached);
    }

    @Test
    void everyWayToTheGradientOfTheInputAgreesWithTheDefinition() {
        Set<String> reached = new TreeSet<>();
        for (Conv2dSpec spec : SPECS) {
            ConvolutionCase example = new ConvolutionCase(spec);
            double[][] expected = example.expectedGradInput();
            for (var way : convolution.inputGradient.all()) {
                if (way.obstacle().of(spec) == null) {
                    reached.add(way.name());
                    float[] dx = example.gradInput(way.plan().apply(spec));
                    compare(way.name() + spec, expected, dx);
                }
            }
        }
        assertEquals(names(convolution.inputGradient.all()), reached);
    }

    @Test
    void everyWayToTheGradientsOfWeightAndBiasAgreesWithTheDefinition() {
        Set<String> reached = new TreeSet<>();
        for (Conv2dSpec spec : SPECS) {
            ConvolutionCase example = new ConvolutionCase(spec);
            double[][] expected = example.expectedGradWeight();
            double[][] expectedBias = example.expectedGradBias();
            for (var way : convolution.weightGradient.all()) {
                if (way.obstacle().of(spec) == null) {
                    reached.add(way.name());
                    WeightGradient plan = way.plan().apply(spec);
                    float[] db = new float[spec.outChannels() + 1];
                    float[] dw = example.gradWeight(plan, db);
                    compare(way.name() + spec, expected, dw);
                    compare(way.name() + spec, expectedBias, Arrays.copyOfRange(db, 1, db.length));
                    assertArrayEquals(dw, example.gradWeight(plan, null), way.name() + spec);
                }
            }
        }
        assertEquals(names(convolution.weightGradient.all()), reached);
    }

    /** More tiles than are summed in one step. */
    @Test
    void longSumsAgreeWithThoseOfAnotherWay() {
        Conv2dSpec spec = new Conv2dSpec(1, 32, 540, 130, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        assertEquals("winograd", convolution.weightGradient.wayOf(spec));
        ConvolutionCase example = new ConvolutionCase(spec);
        float[] db = new float[33];
        float[] dw = example.gradWeight(convolution.weightGradient.plan(spec), db);
        float[] otherDb = new float[33];
        float[] otherDw = example.gradWeight(new PlanesWeightGradient(spec), otherDb);
        double all = 0;
        for (float value : otherDw) {
            all += value * value;
        }
        float tolerance = 1e-5f * (float) Math.sqrt(all / otherDw.length);
        assertArrayEquals(otherDw, dw, tolerance);
        assertArrayEquals(otherDb, db, tolerance);
    }

    private static <P, T> Set<String> names(List<Way<P, T>> ways) {
        return ways.stream().map(Way::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void problemsGoTheWaysThatTheirSizesSuggest() {
        Conv2dSpec first = square(100, 3, 32, 16, 3, 1, 1);
        Conv2dSpec middle = square(3, 128, 7, 128, 3, 1, 1);
        Conv2dSpec late = square(1, 512, 4, 512, 3, 1, 1);
        Conv2dSpec lateStrided = square(3, 128, 14, 128, 3, 2, 1);
        Conv2dSpec depthwise = depthwise(2, 10, 32, 3, 2, 1);
        Conv2dSpec farApart = depthwise(2, 10, 32, 3, 3, 1);
        Conv2dSpec wider = square(32, 32, 8, 192, 1, 1, 0);
        assertEquals("product", convolution.forward.wayOf(wider));
        assertEquals("product", convolution.inputGradient.wayOf(wider));
        assertEquals("product", convolution.weightGradient.wayOf(wider));
        assertEquals(
                "planes", convolution.forward.wayOf(first.rectified(Double.POSITIVE_INFINITY)));
        assertEquals(
                "winograd", convolution.forward.wayOf(middle.rectified(Double.POSITIVE_INFINITY)));
        assertEquals("many channels", convolution.forward.wayOf(late));
        assertEquals("depthwise", convolution.forward.wayOf(depthwise));
        assertEquals("planes", convolution.forward.wayOf(farApart));
        assertEquals("planes", convolution.inputGradient.wayOf(first));
        assertEquals("winograd", convolution.inputGradient.wayOf(middle));
        assertEquals("many channels", convolution.inputGradient.wayOf(late));
        assertEquals("winograd", convolution.inputGradient.wayOf(lateStrided));
        Conv2dSpec oneStrided = square(1, 128, 28, 128, 3, 2, 1);
        assertEquals("many channels", convolution.forward.wayOf(oneStrided));
        assertEquals("planes", convolution.inputGradient.wayOf(oneStrided));
        Conv2dSpec halving = square(32, 64, 32, 128, 3, 2, 1);
        assertEquals("winograd", convolution.forward.wayOf(halving));
        assertEquals("winograd", convolution.inputGradient.wayOf(halving));
        Conv2dSpec shortcut = square(32, 64, 32, 128, 1, 2, 0);
        assertEquals("product of every second", convolution.forward.wayOf(shortcut));
        assertEquals("product of every second", convolution.inputGradient.wayOf(shortcut));
        assertEquals("product of every second", convolution.weightGradient.wayOf(shortcut));
        Conv2dSpec tiny = square(32, 512, 2, 512, 3, 1, 1);
        assertEquals("few taps", convolution.forward.wayOf(tiny));
        assertEquals("few taps", convolution.inputGradient.wayOf(tiny));
        assertEquals("few taps", convolution.weightGradient.wayOf(tiny));
        assertEquals("many channels", convolution.forward.wayOf(square(7, 512, 2, 512, 3, 1, 1)));
        assertEquals("winograd", convolution.forward.wayOf(square(32, 512, 4, 512, 3, 1, 1)));
        assertEquals("depthwise", convolution.inputGradient.wayOf(depthwise));
        assertEquals("planes", convolution.inputGradient.wayOf(farApart));
        assertEquals("planes", convolution.weightGradient.wayOf(first));
        assertEquals("winograd", convolution.weightGradient.wayOf(middle));
        assertEquals("many channels", convolution.weightGradient.wayOf(lateStrided));
        assertEquals("depthwise", convolution.weightGradient.wayOf(depthwise));
    }

    @Test
    void theBitsDoNotDependOnTheNumberOfThreads() {
        for (Conv2dSpec spec :
                new Conv2dSpec[] {
                    square(40, 16, 16, 32, 3, 1, 1),
                    square(1, 16, 16, 32, 3, 1, 1),
                    square(3, 8, 40, 40, 5, 2, 2),
                    square(3, 128, 7, 128, 3, 1, 1),
                    square(40, 24, 7, 70, 1, 1, 0),
                    square(3, 128, 3, 128, 3, 1, 1),
                    square(100, 70, 2, 300, 3, 1, 1),
                    square(9, 300, 3, 70, 3, 1, 1),
                    square(8, 64, 2, 64, 5, 1, 2),
                    square(7, 40, 17, 130, 3, 1, 1),
                    square(7, 40, 14, 130, 3, 2, 1),
                    square(40, 35, 5, 36, 3, 2, 1),
                    square(12, 16, 8, 24, 1, 2, 0),
                    new Conv2dSpec(3, 10, 31, 33, 10, 3, 3, 2, 2, 1, 1, 1, 1, 10),
                    depthwise(20, 40, 4, 3, 1, 1),
                }) {
            ConvolutionCase example = new ConvolutionCase(spec);
            Forward forward = convolution.forward.plan(spec);
            InputGradient inputGradient = convolution.inputGradient.plan(spec);
            WeightGradient weightGradient = convolution.weightGradient.plan(spec);
            Parallel.setThreads(1);
            float[] y = example.forward(forward);
            float[] dx = example.gradInput(inputGradient);
            float[] db = new float[spec.outChannels() + 1];
            float[] dw = example.gradWeight(weightGradient, db);
            for (int count : new int[] {2, 7}) {
                Parallel.setThreads(count);
                float[] otherDb = new float[db.length];
                assertArrayEquals(y, example.forward(forward));
                assertArrayEquals(dx, example.gradInput(inputGradient));
                assertArrayEquals(dw, example.gradWeight(weightGradient, otherDb));
                assertArrayEquals(db, otherDb);
            }
        }
    }

    /** The planes lie side by side without borders, and what a tap finds next door is no number. */
    @Test
    void aDepthwisePlaneKnowsNothingOfItsNeighbours() {
        for (int side : new int[] {4, 7, 8}) {
            Conv2dSpec spec = depthwise(1, 9, side, 3, 1, 1);
            ConvolutionCase example = new ConvolutionCase(spec);
            int places = side * side;
            for (int i = 0; i < 9 * places; i++) {
                if (i / places % 2 == 0) {
                    example.x[1 + i] = Float.NaN;
                    example.dy[4 + i] = Float.POSITIVE_INFINITY;
                }
            }
            float[] y = example.forward(convolution.forward.plan(spec));
            float[] dx = example.gradInput(convolution.inputGradient.plan(spec));
            for (int i = 0; i < 9 * places; i++) {
                assertEquals(i / places % 2 == 0, Float.isNaN(y[i]), "y " + i);
                assertEquals(i / places % 2 == 1, Float.isFinite(dx[i]), "dx " + i);
            }
            float[] dw =
                    example.gradWeight(convolution.weightGradient.plan(spec), new float[9 + 1]);
            for (int i = 0; i < 9 * 9; i++) {
                assertEquals(i / 9 % 2 == 1, Float.isFinite(dw[i]), "dw " + i);
            }
        }
    }

    /**
     * Sums of what is not finite, or of what is nearly too large, are as in the definition, for all
     * outputs that read it, and for those beside them.
     */
    @Test
    void extremeNumbersSpreadAsFarAsTheKernelReaches() {
        Conv2dSpec spec = square(1, 32, 18, 32, 3, 1, 1);
        int places = 18 * 18;
        for (float extreme :
                new float[] {
                    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f, -3e38f
                }) {
            ConvolutionCase example = new ConvolutionCase(spec);
            Arrays.fill(example.w, 0.5f);
            int at = 5 * places + 7 * 18 + 9;
            for (int neighbour : new int[] {0, 1, 18}) {
                example.x[1 + at + neighbour] = neighbour == 1 ? -extreme : extreme;
                example.dy[4 + at + neighbour] = neighbour == 1 ? -extreme : extreme;
            }
            compareExtremes(example.expectedForward(), forward(example));
            compareExtremes(example.expectedGradInput(), gradInput(example));
            Arrays.fill(example.dy, 0.5f);
            compareExtremes(example.expectedGradWeight(), gradWeight(example));
        }
    }

    /** The same with stride 2, where an element reaches other outputs. */
    @Test
    void extremeNumbersSpreadAsFarAsTheKernelReachesWithStride2() {
        Conv2dSpec spec = square(3, 32, 26, 32, 3, 2, 1);
        for (float extreme :
                new float[] {
                    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f, -3e38f
                }) {
            ConvolutionCase example = new ConvolutionCase(spec);
            Arrays.fill(example.w, 0.5f);
            for (int neighbour : new int[] {0, 1, 26}) {
                float value = neighbour == 1 ? -extreme : extreme;
                example.x[1 + 5 * 26 * 26 + 7 * 26 + 9 + neighbour] = value;
                example.dy[4 + 5 * 13 * 13 + 7 * 13 + 9 + neighbour] = value;
            }
            compareExtremes(example.expectedForward(), forward(example));
            compareExtremes(example.expectedGradInput(), gradInput(example));
        }
    }

    private float[] forward(ConvolutionCase example) {
        assertEquals("winograd", convolution.forward.wayOf(example.spec));
        return example.forward(convolution.forward.plan(example.spec));
    }

    private float[] gradInput(ConvolutionCase example) {
        assertEquals("winograd", convolution.inputGradient.wayOf(example.spec));
        return example.gradInput(convolution.inputGradient.plan(example.spec));
    }

    private float[] gradWeight(ConvolutionCase example) {
        assertEquals("winograd", convolution.weightGradient.wayOf(example.spec));
        return example.gradWeight(convolution.weightGradient.plan(example.spec), null);
    }

    private static void compareExtremes(double[][] expected, float[] actual) {
        for (int i = 0; i < actual.length; i++) {
            double value = expected[0][i];
            double tolerance = Double.isFinite(value) ? 1e-6 * expected[1][i] : 0;
            assertEquals((float) value, actual[i], (float) tolerance, "at " + i);
        }
    }

    /** Scratch memory of that size is not kept: what lies there once does not lie there again. */
    @Test
    void onePictureWithMoreChannelsThanScratchMemoryIsKeptFor() {
        int columns = Scratch.MAX_KEPT / 8192 + 10;
        Conv2dSpec spec = new Conv2dSpec(1, 8192, 1, columns, 16, 1, 1, 1, 1, 0, 0, 1, 1, 1);
        ConvolutionCase example = new ConvolutionCase(spec);
        Parallel.setThreads(1);
        Forward forward = convolution.forward.plan(spec);
        compare(spec.toString(), example.expectedForward(), example.forward(forward));
    }

    static Conv2dSpec square(int n, int in, int side, int out, int kernel, int stride, int pad) {
        return new Conv2dSpec(
                n, in, side, side, out, kernel, kernel, stride, stride, pad, pad, 1, 1, 1);
    }

    private static Conv2dSpec depthwise(
            int n, int channels, int side, int kernel, int stride, int pad) {
        return new Conv2dSpec(
                n, channels, side, side, channels, kernel, kernel, stride, stride, pad, pad, 1, 1,
                channels);
    }

    /** What an array has from {@code at} on. */
    static HostBuffer.Floats from(int at, float[] array) {
        return new HostBuffer.Floats(array).slice(at, array.length - at);
    }

    /** expected[0] are the values, expected[1] the sums of magnitudes, expected[2] the lengths. */
    private static void compare(String what, double[][] expected, float[] actual) {
        assertEquals(expected[0].length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            double tolerance = 6e-8 * (2 + Math.sqrt(expected[2][i])) * expected[1][i] + 1e-30;
            int at = i;
            assertEquals(expected[0][i], actual[i], tolerance, () -> what + " at " + at);
        }
    }
}
