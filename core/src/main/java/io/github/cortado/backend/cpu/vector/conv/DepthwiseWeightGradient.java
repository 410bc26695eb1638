package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights where every group has one input channel: depthwise convolution.
 *
 * <p>With so few output channels in a group lanes cannot run over them ({@link
 * PlanesWeightGradient}), so they run over positions: dy is written into rows as long as those of
 * the planes ({@link Planes}), zeros between, and each tap is a product of two flat arrays, nine of
 * them for one load of dy. Loads bound it. Lanes are added up once a channel, in ascending order.
 * Groups are spread over the threads; no sum crosses them. Where outputs are two columns apart, dy
 * has zeros between its columns as well: twice the products, but x need not be taken apart.
 *
 * <p>Zeros meet inputs of the neighbouring row: where one of those is infinite, a gradient is NaN.
 */
final class DepthwiseWeightGradient implements Convolution.WeightGradient {
    /** Taps that share a load. */
    private static final int TAPS = 9;

    /** Groups of a chunk of parallel work. */
    private static final int TOGETHER = 8;

    private static final int MIN_GROUPS = 8;
    private static final int MAX_OUTPUTS = 4;

    private final Conv2dSpec spec;

    /** Columns of the planes from one output to the next: those between meet zeros. */
    private final int step;

    private final Planes planes;
    private final int taps;
    private final int paddedTaps;
    private final int[] distance;

    DepthwiseWeightGradient(Conv2dSpec spec) {
        this.spec = spec;
        step = spec.strideW() == 2 ? 2 : 1;
        Conv2dSpec dense = step == 1 ? spec : everyColumn(spec);
        planes = InputPlanes.of(dense, 1);
        taps = spec.kernelH() * spec.kernelW();
        paddedTaps = IntMath.roundUp(taps, TAPS);
        distance = InputPlanes.distances(dense, planes, paddedTaps);
    }

    /** The same with outputs at the columns between as well. */
    private static Conv2dSpec everyColumn(Conv2dSpec s) {
        return new Conv2dSpec(
                s.n(),
                s.inChannels(),
                s.h(),
                s.w(),
                s.outChannels(),
                s.kernelH(),
                s.kernelW(),
                s.strideH(),
                1,
                s.padH(),
                s.padW(),
                s.dilationH(),
                s.dilationW(),
                s.groups());
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        if (s.inChannels() != s.groups()) {
            return "groups have several input channels";
        }
        if (s.groups() < MIN_GROUPS) {
            return s.groups() + " groups are few";
        }
        int out = s.outChannels() / s.groups();
        return out > MAX_OUTPUTS ? out + " output channels of a group are many" : null;
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        Parallel.forChunks(
                IntMath.ceilDiv(spec.groups(), TOGETHER),
                chunk -> {
                    int first = chunk * TOGETHER;
                    int end = Math.min(spec.groups(), first + TOGETHER);
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
        int out = spec.outChannels() / spec.groups();
        int sumsOfChannel = (paddedTaps + 1) * VL;
        int sumsOfGroup = out * sumsOfChannel;
        float[] sums = Scratch.VALUES.floats((end - first) * sumsOfGroup);
        Arrays.fill(sums, 0, (end - first) * sumsOfGroup, 0f);
        for (int unit = 0; unit < planes.units(spec.n()); unit++) {
            Planes.Strip strip = planes.strip(unit, spec.n());
            for (int group = first; group < end; group++) {
                int sumsAt = (group - first) * sumsOfGroup;
                strip(strip, group, x, dy, db != null, sums, sumsAt);
            }
        }
        for (int channel = first * out; channel < end * out; channel++) {
            int from = (channel - first * out) * sumsOfChannel;
            for (int q = 0; q < taps; q++) {
                dw.array()[dw.offset() + channel * taps + q] = lanes(sums, from + q * VL);
            }
            if (db != null) {
                db.array()[db.offset() + channel] = lanes(sums, from + paddedTaps * VL);
            }
        }
    }

    private void strip(
            Planes.Strip strip,
            int group,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            boolean biased,
            float[] sums,
            int sumsAt) {
        float[] laidOut = Scratch.PLANES.floats(planes.length(1));
        int out = spec.outChannels() / spec.groups();
        int inSize = planes.channelSize();
        int outSize = spec.outH() * spec.outW();
        int from = x.offset() + group * inSize;
        planes.fill(x.array(), from, spec.groups() * inSize, strip, 1, laidOut);
        int positions = planes.positions(strip.rows());
        for (int o = 0; o < out; o++) {
            int channel = strip.picture() * spec.outChannels() + group * out + o;
            int source = dy.offset() + channel * outSize + strip.firstRow() * spec.outW();
            float[] spread = spread(dy.array(), source, strip, positions);
            int to = sumsAt + o * (paddedTaps + 1) * VL;
            for (int q = 0; q < taps; q += TAPS) {
                products(positions, laidOut, distance, q, spread, sums, to + q * VL);
            }
            if (biased) {
                sum(positions, spread, sums, to + paddedTaps * VL);
            }
        }
    }

    /** Rows of dy at the positions of their outputs, zeros between and up to a whole vector. */
    private float[] spread(float[] dy, int from, Planes.Strip strip, int positions) {
        int length = positions + VL;
        float[] to = Scratch.OUTPUTS.floats(length);
        Arrays.fill(to, 0, length, 0f);
        int pictureStride = spec.outChannels() * spec.outH() * spec.outW();
        for (int row = 0; row < strip.rows(); row++) {
            for (int k = 0; k < strip.count(); k++) {
                int source = from + k * pictureStride + row * spec.outW();
                int target = row * planes.rowStride() + k * planes.width();
                if (step == 1) {
                    System.arraycopy(dy, source, to, target, spec.outW());
                } else {
                    everySecond(dy, source, to, target, spec.outW());
                }
            }
        }
        return to;
    }

    private static void everySecond(float[] from, int source, float[] to, int target, int n) {
        for (int j = 0; j < n; j++) {
            to[target + 2 * j] = from[source + j];
        }
    }

    private static float lanes(float[] sums, int at) {
        float sum = 0f;
        for (int l = 0; l < VL; l++) {
            sum += sums[at + l];
        }
        return sum;
    }

    private static void sum(int positions, float[] x, float[] sums, int to) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int p = 0; p < positions; p += VL) {
            sum = FloatVector.fromArray(SPECIES, x, p).add(sum);
        }
        FloatVector.fromArray(SPECIES, sums, to).add(sum).intoArray(sums, to);
    }

    private static void products(
            int positions, float[] x, int[] distance, int q, float[] dy, float[] sums, int to) {
        int x0 = distance[q];
        int x1 = distance[q + 1];
        int x2 = distance[q + 2];
        int x3 = distance[q + 3];
        int x4 = distance[q + 4];
        int x5 = distance[q + 5];
        int x6 = distance[q + 6];
        int x7 = distance[q + 7];
        int x8 = distance[q + 8];
        FloatVector s0 = FloatVector.fromArray(SPECIES, sums, to);
        FloatVector s1 = FloatVector.fromArray(SPECIES, sums, to + VL);
        FloatVector s2 = FloatVector.fromArray(SPECIES, sums, to + 2 * VL);
        FloatVector s3 = FloatVector.fromArray(SPECIES, sums, to + 3 * VL);
        FloatVector s4 = FloatVector.fromArray(SPECIES, sums, to + 4 * VL);
        FloatVector s5 = FloatVector.fromArray(SPECIES, sums, to + 5 * VL);
        FloatVector s6 = FloatVector.fromArray(SPECIES, sums, to + 6 * VL);
        FloatVector s7 = FloatVector.fromArray(SPECIES, sums, to + 7 * VL);
        FloatVector s8 = FloatVector.fromArray(SPECIES, sums, to + 8 * VL);
        for (int p = 0; p < positions; p += VL) {
            FloatVector d = FloatVector.fromArray(SPECIES, dy, p);
            s0 = FloatVector.fromArray(SPECIES, x, x0 + p).fma(d, s0);
            s1 = FloatVector.fromArray(SPECIES, x, x1 + p).fma(d, s1);
            s2 = FloatVector.fromArray(SPECIES, x, x2 + p).fma(d, s2);
            s3 = FloatVector.fromArray(SPECIES, x, x3 + p).fma(d, s3);
            s4 = FloatVector.fromArray(SPECIES, x, x4 + p).fma(d, s4);
            s5 = FloatVector.fromArray(SPECIES, x, x5 + p).fma(d, s5);
            s6 = FloatVector.fromArray(SPECIES, x, x6 + p).fma(d, s6);
            s7 = FloatVector.fromArray(SPECIES, x, x7 + p).fma(d, s7);
            s8 = FloatVector.fromArray(SPECIES, x, x8 + p).fma(d, s8);
        }
        TYPE.cast(s0).intoArray(sums, to);
        TYPE.cast(s1).intoArray(sums, to + VL);
        TYPE.cast(s2).intoArray(sums, to + 2 * VL);
        TYPE.cast(s3).intoArray(sums, to + 3 * VL);
        TYPE.cast(s4).intoArray(sums, to + 4 * VL);
        TYPE.cast(s5).intoArray(sums, to + 5 * VL);
        TYPE.cast(s6).intoArray(sums, to + 6 * VL);
        TYPE.cast(s7).intoArray(sums, to + 7 * VL);
        TYPE.cast(s8).intoArray(sums, to + 8 * VL);
    }
}
