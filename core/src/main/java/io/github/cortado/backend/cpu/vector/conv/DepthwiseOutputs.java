package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Packed;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Forward and the gradient of the input of a depthwise convolution: {@link Depthwise}. Planes are
 * spread over the threads, some channels of a picture at a time.
 *
 * <p>Where outputs are not at every place, those between are computed too and dropped, or are zeros
 * that meet weights: where one of those is infinite, a gradient is NaN.
 *
 * <p>The caller has the scratch array WEIGHTS, a chunk PLANES and OUTPUTS.
 */
final class DepthwiseOutputs {
    /** Elements of the planes of a chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    private final Depthwise d;
    private final int channels;

    /** Planes of a chunk, and chunks of a picture. */
    private final int together;

    private final int chunks;

    /** Floats from a plane to the next in scratch memory: whole vectors. */
    private final int step;

    private DepthwiseOutputs(Depthwise d) {
        this.d = d;
        channels = d.spec().groups();
        together = Math.min(channels, Math.max(1, CHUNK / d.places()));
        chunks = IntMath.ceilDiv(channels, together);
        step = d.wholeVectors();
    }

    static @Nullable String obstacle(Conv2dSpec s) {
        return s.outChannels() != s.groups()
                ? "groups have several output channels"
                : Depthwise.obstacle(s);
    }

    /** y = x * w + b, cut off where the problem says so. */
    static Convolution.Forward forward(Conv2dSpec s) {
        DepthwiseOutputs plan = new DepthwiseOutputs(Depthwise.ofInput(s));
        float limit = (float) s.limit();
        return (x, w, b, y) -> {
            Object layout = List.of("depthwise", s.kernelH() * s.kernelW(), plan.channels);
            float[] packed = Packed.weights(w, b, layout, plan.length(), to -> plan.pack(w, b, to));
            plan.forChunks(
                    (first, planes) -> {
                        plan.forward(first, planes, x, packed, y);
                        int to = y.offset() + first * plan.outputs();
                        Cut.off(limit, y.array(), to, 1, planes * plan.outputs(), 0);
                        y.ready(first * plan.outputs(), planes * plan.outputs());
                    });
        };
    }

    /** dx = dy * w, transposed and flipped. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        DepthwiseOutputs plan = new DepthwiseOutputs(Depthwise.ofOutputs(s));
        return (dy, w, dx) -> {
            float[] packed = Scratch.WEIGHTS.floats(plan.length());
            plan.pack(w, null, packed);
            plan.forChunks((first, planes) -> plan.toInput(first, planes, dy, packed, dx));
        };
    }

    /** Some planes of a picture, from plane {@code first} of all pictures on. */
    @FunctionalInterface
    private interface Chunk {
        void run(int first, int planes);
    }

    private void forChunks(Chunk body) {
        Parallel.forChunks(
                d.spec().n() * chunks,
                chunk -> {
                    int channel = chunk % chunks * together;
                    int first = chunk / chunks * channels + channel;
                    body.run(first, Math.min(together, channels - channel));
                });
    }

    /** Where biases begin behind the weights. */
    private int biasAt() {
        return d.rounds() * channels * Depthwise.TAPS;
    }

    private int length() {
        return biasAt() + channels * VL;
    }

    /**
     * The weights as [round, channel, tap], zeros behind the last one; then a vector of each
     * channel's bias, or of zeros.
     */
    private void pack(HostBuffer.Floats w, HostBuffer.@Nullable Floats b, float[] packed) {
        int taps = d.spec().kernelH() * d.spec().kernelW();
        for (int round = 0; round < d.rounds(); round++) {
            int begin = round * Depthwise.TAPS;
            int count = Math.min(Depthwise.TAPS, taps - begin);
            for (int c = 0; c < channels; c++) {
                int from = w.offset() + c * taps + begin;
                int to = (round * channels + c) * Depthwise.TAPS;
                System.arraycopy(w.array(), from, packed, to, count);
                Arrays.fill(packed, to + count, to + Depthwise.TAPS, 0f);
            }
        }
        for (int c = 0; c < channels; c++) {
            int to = biasAt() + c * VL;
            float bias = b == null ? 0f : b.array()[b.offset() + c];
            Arrays.fill(packed, to, to + VL, bias);
        }
    }

    private void forward(
            int first, int planes, HostBuffer.Floats x, float[] packed, HostBuffer.Floats y) {
        int at = x.offset() + first * d.places();
        int to = y.offset() + first * outputs();
        if (d.isDense()) {
            dense(first, planes, x.array(), at, d.places(), packed, y.array(), to);
            return;
        }
        float[] places = Scratch.OUTPUTS.floats(planes * step + VL);
        rounds(first, planes, x.array(), at, d.places(), packed, places, 0, step);
        d.pick(planes, places, 0, y.array(), to);
    }

    private void toInput(
            int first, int planes, HostBuffer.Floats dy, float[] packed, HostBuffer.Floats dx) {
        int at = dy.offset() + first * outputs();
        int to = dx.offset() + first * d.places();
        if (d.isDense()) {
            dense(first, planes, dy.array(), at, d.places(), packed, dx.array(), to);
            return;
        }
        int begin = d.before();
        float[] spread = Scratch.PLANES.floats(begin + planes * step + d.behind() + 2 * VL);
        d.spread(planes, dy.array(), at, spread, begin);
        dense(first, planes, spread, begin, step, packed, dx.array(), to);
    }

    private int outputs() {
        return d.spec().outH() * d.spec().outW();
    }

    /** Writes whole planes of y, one after the other. */
    private void dense(
            int first,
            int planes,
            float[] x,
            int xAt,
            int xStep,
            float[] packed,
            float[] y,
            int yAt) {
        if (step == d.places()) {
            rounds(first, planes, x, xAt, xStep, packed, y, yAt, step);
            return;
        }
        float[] whole = Scratch.OUTPUTS.floats(planes * step);
        rounds(first, planes, x, xAt, xStep, packed, whole, 0, step);
        for (int k = 0; k < planes; k++) {
            System.arraycopy(whole, k * step, y, yAt + k * d.places(), d.places());
        }
    }

    private void rounds(
            int first,
            int planes,
            float[] x,
            int xAt,
            int xStep,
            float[] packed,
            float[] y,
            int yAt,
            int yStep) {
        float[] source = x;
        int at = xAt;
        int length = (planes - 1) * xStep + d.places();
        if (xAt < d.before() || xAt + length + d.behind() > x.length) {
            at = d.before();
            source = Scratch.PLANES.floats(at + length + d.behind());
            System.arraycopy(x, xAt, source, at, length);
        }
        int channel = first % channels;
        for (int round = 0; round < d.rounds(); round++) {
            int weights = (round * channels + channel) * Depthwise.TAPS;
            boolean same = round == 0;
            float[] from = same ? packed : y;
            int fromAt = same ? biasAt() + channel * VL : yAt;
            DepthwiseKernel.outputs(
                    d, round, planes, source, at, xStep, packed, weights, from, fromAt, same, y,
                    yAt, yStep);
        }
    }
}
