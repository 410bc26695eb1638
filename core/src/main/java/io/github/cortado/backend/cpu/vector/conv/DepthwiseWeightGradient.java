package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights where every group has one input channel: {@link Depthwise}.
 *
 * <p>Each tap is a product of two flat arrays, nine of them for one load of dy. Lanes are added up
 * once a channel, in ascending order. Groups are spread over the threads; no sum crosses them.
 *
 * <p>Where outputs are not at every place, zeros between meet inputs: where one of those is
 * infinite, a gradient is NaN.
 */
final class DepthwiseWeightGradient implements Convolution.WeightGradient {
    /** Groups of a chunk of parallel work have so many elements of a picture, if not too many. */
    private static final int CHUNK = 1 << 12;

    private static final int TOGETHER = 32;

    /** Sums stay in registers for so many pictures, of so many places at most. */
    private static final int PICTURES = 8;

    private static final int PLACES = 256;

    private static final int MIN_GROUPS = 8;
    private static final int MAX_OUTPUTS = 4;

    private final Depthwise d;
    private final Conv2dSpec spec;

    /** Groups of a chunk. */
    private final int together;

    /** Pictures for which sums stay in registers. */
    private final int pictures;

    /** Output channels of a group. */
    private final int out;

    /** Whether dy is read where it lies. */
    private final boolean inPlace;

    /** Floats from one plane of dy to the next. */
    private final int step;

    /** Floats of the sums of an output channel: of the taps, then of dy itself. */
    private final int sumsStep;

    DepthwiseWeightGradient(Conv2dSpec s) {
        d = Depthwise.ofInput(s);
        spec = s;
        together = Math.min(TOGETHER, Math.max(2, CHUNK / d.places()));
        pictures = Math.max(1, Math.min(PICTURES, PLACES / d.places()));
        out = s.outChannels() / s.groups();
        inPlace = d.isDense() && d.places() % VL == 0;
        step = d.wholeVectors();
        sumsStep = (d.distance().length + 1) * VL;
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        if (s.groups() < MIN_GROUPS) {
            return s.groups() + " groups are few";
        }
        int out = s.outChannels() / s.groups();
        return out > MAX_OUTPUTS
                ? out + " output channels of a group are many"
                : Depthwise.obstacle(s);
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        Parallel.forChunks(
                IntMath.ceilDiv(spec.groups(), together),
                chunk -> {
                    int first = chunk * together;
                    int end = Math.min(spec.groups(), first + together);
                    groups(first, end, x, dy, dw, db);
                });
    }

    /** Goes through memory in its order: a picture's groups, then the next picture's. */
    private void groups(
            int first,
            int end,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        int channels = (end - first) * out;
        float[] sums = Scratch.VALUES.floats(channels * sumsStep);
        Arrays.fill(sums, 0, channels * sumsStep, 0f);
        for (int n = 0; n < spec.n(); n += pictures) {
            int count = Math.min(pictures, spec.n() - n);
            pictures(n, count, first, end, x, dy, db != null, sums);
        }
        int taps = spec.kernelH() * spec.kernelW();
        for (int c = 0; c < channels; c++) {
            int channel = first * out + c;
            for (int q = 0; q < taps; q++) {
                dw.array()[dw.offset() + channel * taps + q] = lanes(sums, c * sumsStep + q * VL);
            }
            if (db != null) {
                int biasAt = c * sumsStep + sumsStep - VL;
                db.array()[db.offset() + channel] = lanes(sums, biasAt);
            }
        }
    }

    private void pictures(
            int n,
            int count,
            int first,
            int end,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            boolean biased,
            float[] sums) {
        int groups = end - first;
        float[] source = x.array();
        int picture = spec.groups() * d.places();
        int at = x.offset() + n * picture + first * d.places();
        int length = groups * d.places();
        int last = at + (count - 1) * picture + length;
        if (at < d.before() || last + d.behind() > source.length) {
            int from = at;
            int step = d.before() + length + d.behind();
            source = Scratch.PLANES.floats(count * step);
            at = d.before();
            for (int k = 0; k < count; k++) {
                System.arraycopy(x.array(), from + k * picture, source, at + k * step, length);
            }
            picture = step;
        }
        int outputs = spec.outH() * spec.outW();
        int dyAt = dy.offset() + (n * spec.outChannels() + first * out) * outputs;
        int dyPicture = spec.outChannels() * outputs;
        float[] spread = dy.array();
        if (!inPlace) {
            int from = dyAt;
            spread = Scratch.OUTPUTS.floats(count * groups * out * step + 2 * VL);
            for (int k = 0; k < count; k++) {
                int to = k * groups * out * step;
                d.spread(groups * out, dy.array(), from + k * dyPicture, spread, to);
            }
            dyAt = 0;
            dyPicture = groups * out * step;
        }
        for (int o = 0; o < out; o++) {
            for (int round = 0; round < d.rounds(); round++) {
                int to = o * sumsStep + round * Depthwise.TAPS * VL;
                DepthwiseKernel.products(
                        d,
                        round,
                        count,
                        groups,
                        source,
                        at,
                        picture,
                        d.places(),
                        spread,
                        dyAt + o * step,
                        dyPicture,
                        out * step,
                        sums,
                        to,
                        out * sumsStep);
            }
        }
        if (biased) {
            for (int i = 0; i < count * groups * out; i++) {
                int c = i % (groups * out);
                int from = dyAt + i / (groups * out) * dyPicture + c * step;
                sum(spread, from, step, sums, (c + 1) * sumsStep - VL);
            }
        }
    }

    private static float lanes(float[] sums, int at) {
        float sum = 0f;
        for (int l = 0; l < VL; l++) {
            sum += sums[at + l];
        }
        return sum;
    }

    private static void sum(float[] x, int at, int length, float[] sums, int to) {
        FloatVector sum = FloatVector.fromArray(SPECIES, sums, to);
        for (int p = at; p < at + length; p += VL) {
            sum = FloatVector.fromArray(SPECIES, x, p).add(sum);
        }
        sum.intoArray(sums, to);
    }
}
