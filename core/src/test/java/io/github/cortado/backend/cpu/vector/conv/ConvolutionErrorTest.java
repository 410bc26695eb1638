package io.github.cortado.backend.cpu.vector.conv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.vector.VectorBackend;
import io.github.cortado.backend.cpu.vector.Way;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How far from the result in double Winograd's algorithm is, beside the ways that multiply
 * directly: the largest error of an element, in units of 2^-24 times the sum of its terms'
 * magnitudes.
 */
@Tag("vector-only")
@Tag("thorough")
class ConvolutionErrorTest {
    private static final double UNIT = 0x1p-24;

    /** Winograd's largest error in such units, and of the direct ways' largest. */
    private static final double MOST = 40;

    private static final double MOST_OF_DIRECT = 6;

    private final Convolution convolution = new Convolution(new Unfused(new VectorBackend()));

    /** How inputs are scaled. */
    private enum Scales {
        EVEN,
        /** Around 100, as nothing that was normalised. */
        FAR_FROM_ZERO,
        /** From one channel to the next by 10^-4 to 10^4. */
        UNEVEN_CHANNELS,
        /** From one number to the next by 10^-4 to 10^4. */
        UNEVEN;

        /** Of values from place {@code from} on. */
        void apply(float[] values, int from, int plane, int channels) {
            for (int k = from; k < values.length; k++) {
                int i = k - from;
                switch (this) {
                    case EVEN -> {}
                    case FAR_FROM_ZERO -> values[k] += 100;
                    case UNEVEN_CHANNELS -> values[k] *= power(i / plane % channels);
                    case UNEVEN -> values[k] *= power(i);
                }
            }
        }

        private static float power(int i) {
            return (float) Math.pow(10, i * 7 % 9 - 4);
        }
    }

    @Test
    void winogradIsNotMuchFurtherFromDoubleThanTheDirectWays() {
        List<String> lines = new ArrayList<>();
        for (Scales scales : Scales.values()) {
            for (int stride : new int[] {1, 2}) {
                check(scales, ConvolutionTest.square(8, 64, 16, 64, 3, stride, 1), lines);
                check(scales, ConvolutionTest.square(16, 256, 8, 96, 3, stride, 1), lines);
            }
        }
        System.out.println(String.join(System.lineSeparator(), lines));
    }

    private void check(Scales scales, Conv2dSpec spec, List<String> lines) {
        ConvolutionCase c = new ConvolutionCase(spec);
        scales.apply(c.x, 1, spec.h() * spec.w(), spec.inChannels());
        scales.apply(c.dy, 4, spec.outH() * spec.outW(), spec.outChannels());
        String what = scales + " " + spec.inChannels() + " @ " + spec.h() + " / " + spec.strideH();
        lines.add(
                what
                        + compare(
                                "forward",
                                convolution.forward.all(),
                                spec,
                                c::forward,
                                unit(scales, c.expectedForward()))
                        + compare(
                                "by x",
                                convolution.inputGradient.all(),
                                spec,
                                c::gradInput,
                                unit(scales, c.expectedGradInput()))
                        + compare(
                                "by w",
                                convolution.weightGradient.all(),
                                spec,
                                plan -> c.gradWeight(plan, null),
                                unit(scales, c.expectedGradWeight())));
    }

    /**
     * Neighbours of very different size are told apart by no transform: their largest sum counts.
     */
    private static double[][] unit(Scales scales, double[][] expected) {
        if (scales == Scales.UNEVEN) {
            Arrays.fill(expected[1], Arrays.stream(expected[1]).max().orElseThrow());
        }
        return expected;
    }

    private static <T> String compare(
            String what,
            List<Way<Conv2dSpec, T>> ways,
            Conv2dSpec spec,
            Function<T, float[]> run,
            double[][] expected) {
        double winograd = 0;
        double direct = 0;
        for (Way<Conv2dSpec, T> way : ways) {
            if (way.obstacle().of(spec) == null) {
                double error = error(run.apply(way.plan().apply(spec)), expected);
                if (way.name().startsWith("winograd")) {
                    winograd = Math.max(winograd, error);
                } else {
                    direct = Math.max(direct, error);
                }
            }
        }
        String found = String.format(Locale.ROOT, "; %s %.2f direct %.2f", what, winograd, direct);
        assertTrue(winograd <= MOST && winograd <= MOST_OF_DIRECT * direct, spec + found);
        return found;
    }

    private static double error(float[] found, double[][] expected) {
        double largest = 0;
        for (int i = 0; i < found.length; i++) {
            double error = Math.abs(found[i] - expected[0][i]);
            largest = Math.max(largest, error / (UNIT * expected[1][i]));
        }
        return largest;
    }
}
