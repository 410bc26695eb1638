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
 * channels at a time ({@link WinogradProducts}), and transformed back.
 *
 * <p>Differences of infinities are no numbers, and sums may overflow where the definition's do not:
 * where an output is not finite, all of them are computed by the definition.
 *
 * <p>The caller has the scratch array WEIGHTS, a chunk PLANES, ROW, VALUES, OUTPUTS and RESULTS.
 */
final class WinogradOutputs {
    private static final int BLOCK = OutputKernel.CHANNELS;

    /** Output channels that are worked on together. */
    private static final int CHANNELS = 8 * BLOCK;

    /**
     * Input channels whose weights are transformed at one time, of one block or, where those of
     * several lie together, of those: in a near cache.
     */
    private static final int INPUTS = 128;

    private static final int FLIPPED_BLOCKS = 4;

    /** Input channels that are transformed at one time where threads share them. */
    private static final int SHARED = 32;

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
    private final WinogradForm form;

    /** How what tiles read is laid out, one element by one; null where rows are. */
    private final @Nullable WinogradElements elements;

    /** What results are cut off at; NaN leaves them. */
    private final float limit;

    /** From one output and input channel's weights to the next one's. */
    private final int outStride;

    private final int inStride;
    private final boolean flipped;

    /** Blocks whose weights are transformed at one time, and input channels of each. */
    private final int blocksAtOnce;

    private final int inputsAtOnce;
    private final int blocks;

    private final int parts;
    private final int ld;

    private final @Nullable WinogradPanels panels;

    /** Floats of the transformed inputs from a product to the next. */
    private final int ldv;

    private final WinogradProducts products;

    private WinogradOutputs(
            Winograd c, double limit, int outStride, int inStride, boolean flipped) {
        this.c = c;
        form = c.form();
        elements = c.hasShortRows() ? new WinogradElements(form, c.tiles(), c.ld()) : null;
        this.limit = (float) limit;
        this.outStride = outStride;
        this.inStride = inStride;
        this.flipped = flipped;
        blocksAtOnce = flipped ? FLIPPED_BLOCKS : 1;
        inputsAtOnce = INPUTS / blocksAtOnce;
        blocks = IntMath.ceilDiv(c.out(), BLOCK);
        parts = IntMath.ceilDiv(c.out(), CHANNELS);
        ld = c.ld();
        panels = WinogradPanels.of(c);
        ldv = panels == null ? c.stride(c.in()) : panels.step();
        products = new WinogradProducts(c.in(), ld, blockLength(), panels);
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
        float[] shared = c.groups() == 1 ? transformed(x) : null;
        AtomicBoolean finite = new AtomicBoolean(true);
        Object sweep = new Object();
        Parallel.forChunks(
                c.groups() * parts,
                chunk -> {
                    int group = chunk / parts;
                    int first = chunk % parts * (CHANNELS / BLOCK);
                    float[] v = shared != null ? shared : transformed(sweep, group, x);
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
        String name = form == WinogradForm.DENSE ? "winograd" : "winograd with stride 2";
        return List.of(name, c.in(), c.out());
    }

    /** Transforms all weights. */
    private void transform(HostBuffer.Floats w, float[] all) {
        Parallel.forChunks(
                IntMath.ceilDiv(blocks, blocksAtOnce),
                chunk -> {
                    int first = chunk * blocksAtOnce;
                    int count = Math.min(blocksAtOnce, blocks - first);
                    transform(w, first, count, all, first * blockLength());
                });
    }

    /** The weights of a chunk's blocks. */
    private float[] transformed(HostBuffer.Floats w, int first) {
        int count = Math.min(CHANNELS / BLOCK, blocks - first);
        float[] u = Scratch.WEIGHTS.floats(count * blockLength());
        for (int i = 0; i < count; i += blocksAtOnce) {
            transform(w, first + i, Math.min(blocksAtOnce, count - i), u, i * blockLength());
        }
        return u;
    }

    /** Transforms the weights of some blocks of output channels to [product, input, output]. */
    private void transform(HostBuffer.Floats w, int block, int count, float[] u, int uOff) {
        int ldg = inputsAtOnce * BLOCK + VL;
        int copied = count * 9 * ldg;
        float[] g = Scratch.PLANES.floats(copied + 9 * inputsAtOnce * count * BLOCK);
        int outputs = Math.min(count * BLOCK, c.out() - block * BLOCK);
        if (outputs < count * BLOCK) {
            Arrays.fill(g, 0, copied, 0f);
        }
        for (int first = 0; first < c.in(); first += inputsAtOnce) {
            int inputs = Math.min(inputsAtOnce, c.in() - first);
            // Whole runs are copied first, for which the memory is asked faster.
            int run = 9 * (flipped ? outputs : inputs);
            int runs = flipped ? inputs : outputs;
            int from = w.offset() + block * BLOCK * outStride + first * inStride;
            for (int i = 0; i < runs; i++) {
                int at = from + i * (flipped ? inStride : outStride);
                System.arraycopy(w.array(), at, g, copied + i * run, run);
            }
            for (int k = 0; k < count; k++) {
                int width = Math.min(BLOCK, outputs - k * BLOCK);
                int at = copied + k * BLOCK * 9;
                turn(g, at, inputs, width, run, k * 9 * ldg, ldg);
                int to = uOff + k * blockLength() + first * BLOCK;
                if (form == WinogradForm.DENSE) {
                    WinogradTransforms.weights(inputs * BLOCK, g, k * 9 * ldg, ldg, u, to, ldu());
                } else {
                    WinogradStrided.weights(inputs * BLOCK, g, k * 9 * ldg, ldg, u, to, ldu());
                }
            }
        }
    }

    /** The weights of a block by some input channels, tap by tap. */
    private void turn(float[] g, int at, int inputs, int width, int run, int to, int ldg) {
        int inStep = flipped ? run : 9;
        int outStep = flipped ? 9 : run;
        for (int i = 0; i < inputs; i++) {
            for (int tap = 0; tap < 9; tap++) {
                int source = at + i * inStep + (flipped ? 8 - tap : tap);
                int target = to + tap * ldg + i * BLOCK;
                int r = 0;
                for (; r <= width - 4; r += 4) {
                    int row = source + r * outStep;
                    g[target + r] = g[row];
                    g[target + r + 1] = g[row + outStep];
                    g[target + r + 2] = g[row + 2 * outStep];
                    g[target + r + 3] = g[row + 3 * outStep];
                }
                for (; r < width; r++) {
                    g[target + r] = g[source + r * outStep];
                }
            }
        }
    }

    /** The transformed inputs of a group as [product, channel, tile], or as panels. */
    private float[] transformed(Object sweep, int group, HostBuffer.Floats x) {
        float[] v = Scratch.VALUES.floats(form.products() * ldv);
        Transformed done = TRANSFORMED.get();
        if (done.sweep == sweep && done.group == group) {
            return v;
        }
        transform(x, group, 0, c.in(), v);
        done.sweep = sweep;
        done.group = group;
        return v;
    }

    /** The same of the only group, for all threads. */
    private float[] transformed(HostBuffer.Floats x) {
        float[] v = Scratch.VALUES.floats(form.products() * ldv);
        Parallel.forChunks(
                IntMath.ceilDiv(c.in(), SHARED),
                part -> {
                    int begin = part * SHARED;
                    transform(x, 0, begin, Math.min(c.in(), begin + SHARED), v);
                });
        return v;
    }

    private void transform(HostBuffer.Floats x, int group, int begin, int end, float[] v) {
        if (elements == null) {
            c.input(x, c.group(group), begin, end, panels, v);
        } else {
            c.input(x, c.group(group), elements, begin, end, panels, v);
        }
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
        int ldm = c.stride(CHANNELS);
        float[] m = Scratch.OUTPUTS.floats(form.products() * ldm);
        for (int e = 0; e < form.products(); e++) {
            int weights = uOff + form.weights(e) * ldu();
            products.run(end - first, tiles, u, weights, v, e * ldv, m, e * ldm);
        }
        int ldr = form.writes * ld;
        float[] rows = Scratch.RESULTS.floats(VL + form.writes * ldr);
        Arrays.fill(rows, 0, VL, 0f);
        boolean rectified = !Float.isNaN(limit);
        for (int o = first; o < end; o++) {
            float bias = b == null ? 0f : b.array()[b.offset() + o];
            int at = (o - first) * ld;
            if (form == WinogradForm.DENSE) {
                WinogradTransforms.outputs(tiles, m, at, ldm, bias, rectified, rows, VL + ldr);
            } else {
                WinogradStrided.outputs(form, tiles, m, at, ldm, bias, rectified, rows, ldr);
            }
            if (limit < Float.POSITIVE_INFINITY) {
                Cut.off(limit, rows, VL, form.writes, form.writes * tiles, ldr);
            }
            for (int k = 0; k < g.count(); k++) {
                int plane = ((g.picture() + k) * c.out() + o) * c.outH() * c.outW();
                write(g, rows, VL + form.writes * k * ofPicture, ldr, y, plane);
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
        int from = form.writes * g.firstRow() * c.outW();
        int length = Math.min(size, form.writes * (g.firstRow() + g.rows()) * c.outW()) - from;
        for (int k = 0; k < g.count(); k++) {
            int channel = (g.picture() + k) * c.out() + first;
            y.ready(channel, end - first, size, from, length);
        }
    }

    /** Copies the rows of outputs of a strip, those of tiles {@code ldr} apart. */
    private void write(Group g, float[] rows, int at, int ldr, HostBuffer.Floats y, int plane) {
        int length = c.outW();
        int end = Math.min(c.outH(), form.writes * (g.firstRow() + g.rows()));
        int from = at;
        int inTile = 0;
        for (int row = form.writes * g.firstRow(); row < end; row++) {
            int to = y.offset() + plane + row * length;
            System.arraycopy(rows, from + inTile * ldr, y.array(), to, length);
            if (++inTile == form.writes) {
                inTile = 0;
                from += form.writes * c.tiles().tileColumns();
            }
        }
    }
}
