package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.Winograd.PRODUCTS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Packed;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.conv.Winograd.Group;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Forward and the gradient of the input for {@link Winograd}: weights are transformed once, then
 * for groups of tiles inputs are, 16 products M = U V of matrices are computed for some output
 * channels at a time ({@link OutputKernel}), and transformed back.
 *
 * <p>Differences of infinities are no numbers, and sums may overflow where the definition's do not:
 * where an output is not finite, all of them are computed by the definition.
 *
 * <p>The caller has the scratch array WEIGHTS, a chunk PLANES, VALUES, OUTPUTS and RESULTS.
 */
final class WinogradOutputs {
    private static final int BLOCK = OutputKernel.CHANNELS;

    /** Output channels that are worked on together. */
    private static final int CHANNELS = 8 * BLOCK;

    /** Input channels whose weights are transformed at one time, in a first-level cache. */
    private static final int INPUTS = 64;

    private static final float[] NO_BIAS = new float[BLOCK];

    /** Which group a thread has transformed inputs of, and of which sweep. */
    private static final ThreadLocal<Transformed> TRANSFORMED =
            ThreadLocal.withInitial(Transformed::new);

    private static final class Transformed {
        Object sweep = this;
        int group;
    }

    /** Computes the outputs by the definition. */
    @FunctionalInterface
    private interface Direct {
        void run();
    }

    private final Winograd c;

    /** What results are cut off at; NaN leaves them. */
    private final float limit;

    /** From one output and input channel's weights to the next one's. */
    private final int outStride;

    private final int inStride;
    private final boolean flipped;
    private final int blocks;
    private final int parts;
    private final int ld;

    /** Where each input channel lies in the transformed inputs. */
    private final int[] distance;

    private WinogradOutputs(
            Winograd c, double limit, int outStride, int inStride, boolean flipped) {
        this.c = c;
        this.limit = (float) limit;
        this.outStride = outStride;
        this.inStride = inStride;
        this.flipped = flipped;
        blocks = IntMath.ceilDiv(c.out(), BLOCK);
        parts = IntMath.ceilDiv(c.out(), CHANNELS);
        ld = c.ld();
        distance = new int[c.in()];
        Arrays.setAll(distance, i -> i * ld);
    }

    /** y = x * w + b, cut off where the problem says so. */
    static Convolution.Forward forward(Conv2dSpec s) {
        int in = s.inChannels();
        WinogradOutputs plan =
                new WinogradOutputs(Winograd.ofInput(s), s.limit(), 9 * in, 9, false);
        Convolution.Forward direct =
                ManyChannels.obstacle(s) == null
                        ? ManyChannelsOutputs.forward(s)
                        : new PlanesForward(s);
        return (x, w, b, y) -> plan.run(x, w, b, y, () -> direct.run(x, w, b, y));
    }

    /** dx = dy * w, transposed and flipped. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        int in = s.inChannels();
        WinogradOutputs plan =
                new WinogradOutputs(Winograd.ofOutputs(s), Double.NaN, 9, 9 * in, true);
        Convolution.InputGradient direct =
                ManyChannels.obstacleToInputGradient(s) == null
                        ? ManyChannelsOutputs.inputGradient(s)
                        : new PlanesInputGradient(s);
        return (dy, w, dx) -> plan.run(dy, w, null, dx, () -> direct.run(dy, w, dx));
    }

    private void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y,
            Direct direct) {
        // Weights that are used once are transformed where they are, for they fill a cache.
        float[] kept =
                flipped ? null : Packed.kept(w, null, layout(), length(), u -> transform(w, u));
        boolean once = c.groups() == 1 && kept == null;
        float[] all = kept != null ? kept : Scratch.WEIGHTS.floats(once ? 0 : length());
        if (!once && kept == null) {
            transform(w, all);
        }
        AtomicBoolean finite = new AtomicBoolean(true);
        Object sweep = new Object();
        Parallel.forChunks(
                c.groups() * parts,
                chunk -> {
                    int group = chunk / parts;
                    int first = chunk % parts * (CHANNELS / BLOCK);
                    float[] v = transformed(sweep, group, x);
                    float[] u = once ? transformed(w, first) : all;
                    int uOff = once ? 0 : first * blockLength();
                    if (!outputs(group, first * BLOCK, u, uOff, v, b, y)) {
                        finite.set(false);
                    }
                });
        if (!finite.get()) {
            y.again();
            direct.run();
        }
    }

    /** Floats from one product's weights of a block to the next one's. */
    private int ldu() {
        return c.in() * BLOCK + VL;
    }

    private int blockLength() {
        return PRODUCTS * ldu();
    }

    private int length() {
        return blocks * blockLength();
    }

    private Object layout() {
        return List.of("winograd", c.in(), c.out());
    }

    /** Transforms all weights. */
    private void transform(HostBuffer.Floats w, float[] all) {
        Parallel.forChunks(blocks, block -> transform(w, block, all, block * blockLength()));
    }

    /** The weights of a chunk's blocks. */
    private float[] transformed(HostBuffer.Floats w, int first) {
        int count = Math.min(CHANNELS / BLOCK, blocks - first);
        float[] u = Scratch.WEIGHTS.floats(count * blockLength());
        for (int i = 0; i < count; i++) {
            transform(w, first + i, u, i * blockLength());
        }
        return u;
    }

    /** Transforms the weights of a block of output channels to [product, input, output]. */
    private void transform(HostBuffer.Floats w, int block, float[] u, int uOff) {
        int ldg = INPUTS * BLOCK + VL;
        float[] g = Scratch.PLANES.floats(9 * ldg);
        float[] from = w.array();
        int width = Math.min(BLOCK, c.out() - block * BLOCK);
        if (width < BLOCK) {
            Arrays.fill(g, 0, 9 * ldg, 0f);
        }
        for (int first = 0; first < c.in(); first += INPUTS) {
            int count = Math.min(INPUTS, c.in() - first);
            int at = w.offset() + block * BLOCK * outStride + first * inStride;
            for (int i = 0; i < count; i++) {
                for (int tap = 0; tap < 9; tap++) {
                    int source = at + i * inStride + (flipped ? 8 - tap : tap);
                    int target = tap * ldg + i * BLOCK;
                    for (int r = 0; r < width; r++) {
                        g[target + r] = from[source + r * outStride];
                    }
                }
            }
            int to = uOff + first * BLOCK;
            WinogradTransforms.weights(count * BLOCK, g, ldg, u, to, ldu());
        }
    }

    /** The transformed inputs of a group as [product, channel, tile]. */
    private float[] transformed(Object sweep, int group, HostBuffer.Floats x) {
        int ldv = c.stride(c.in());
        float[] v = Scratch.VALUES.floats(PRODUCTS * ldv);
        Transformed done = TRANSFORMED.get();
        if (done.sweep == sweep && done.group == group) {
            return v;
        }
        c.input(x, c.group(group), 0, c.in(), v, 0);
        done.sweep = sweep;
        done.group = group;
        return v;
    }

    /** The outputs of a group in some channels from {@code first} on; whether all are finite. */
    private boolean outputs(
            int group,
            int first,
            float[] u,
            int uOff,
            float[] v,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y) {
        int end = Math.min(c.out(), first + CHANNELS);
        Group g = c.group(group);
        int ofPicture = g.rows() * c.tiles().tileColumns();
        int tiles = g.count() * ofPicture;
        int ldv = c.stride(c.in());
        int ldm = c.stride(CHANNELS);
        float[] m = Scratch.OUTPUTS.floats(PRODUCTS * ldm);
        for (int e = 0; e < PRODUCTS; e++) {
            for (int o = first; o < end; o += BLOCK) {
                OutputKernel.outputs(
                        BLOCK,
                        tiles,
                        c.in(),
                        u,
                        uOff + (o - first) / BLOCK * blockLength() + e * ldu(),
                        NO_BIAS,
                        0,
                        v,
                        e * ldv,
                        distance,
                        m,
                        e * ldm + (o - first) * ld,
                        ld);
            }
        }
        int lower = VL + 2 * ld;
        float[] rows = Scratch.RESULTS.floats(lower + 2 * ld);
        Arrays.fill(rows, 0, VL, 0f);
        for (int o = first; o < end; o++) {
            float bias = b == null ? 0f : b.array()[b.offset() + o];
            boolean rectified = !Float.isNaN(limit);
            WinogradTransforms.outputs(
                    tiles, m, (o - first) * ld, ldm, bias, rectified, rows, lower);
            if (limit < Float.POSITIVE_INFINITY) {
                Cut.off(limit, rows, VL, 1, lower + 2 * tiles - VL, 0);
            }
            for (int k = 0; k < g.count(); k++) {
                int plane = ((g.picture() + k) * c.out() + o) * c.outH() * c.outW();
                write(g, rows, VL + 2 * k * ofPicture, lower - VL, y, plane);
            }
        }
        if (y.isFollowed()) {
            tell(g, first, end, y);
        }
        float check = 0f;
        for (int l = 0; l < VL; l++) {
            check += rows[l];
        }
        return check == 0f;
    }

    /** Says that a group's outputs are ready in some channels. */
    private void tell(Group g, int first, int end, HostBuffer.Floats y) {
        int size = c.outH() * c.outW();
        int from = 2 * g.firstRow() * c.outW();
        int length = Math.min(size, 2 * (g.firstRow() + g.rows()) * c.outW()) - from;
        for (int k = 0; k < g.count(); k++) {
            int channel = (g.picture() + k) * c.out() + first;
            if (length == size) {
                y.ready(channel * size, (end - first) * size);
                continue;
            }
            for (int o = 0; o < end - first; o++) {
                y.ready((channel + o) * size + from, length);
            }
        }
    }

    /** Copies the rows of outputs of a strip, the lower ones of tiles from {@code lower} on. */
    private void write(Group g, float[] rows, int at, int lower, HostBuffer.Floats y, int plane) {
        int length = c.outW();
        int end = Math.min(c.outH(), 2 * (g.firstRow() + g.rows()));
        int from = at;
        for (int row = 2 * g.firstRow(); row < end; row++) {
            int to = y.offset() + plane + row * length;
            System.arraycopy(rows, row % 2 == 0 ? from : from + lower, y.array(), to, length);
            from += row % 2 * 2 * c.tiles().tileColumns();
        }
    }
}
