package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;

/**
 * The gradients of a convolution that is followed by ReLU and 2 x 2 pooling, from the gradients of
 * the windows.
 *
 * <p>Of the convolution's outputs at most every fourth gets a gradient, its window's largest if
 * that is above 0. So nothing dense is computed: for each output channel of a picture the places
 * that get one are listed, and each adds its gradient times a patch of x to dw; for each window the
 * channels are listed, and each adds its gradient times its weights to a patch of dx. With pictures
 * turned to [row, column, channel] a row of taps is one run of numbers, whole vectors of which are
 * loaded at a time. That is a quarter of the multiply-adds of the dense gradients, or less, and
 * nothing of the convolution's size is written or read.
 *
 * <p>Pictures are cut into a fixed number of chunks with partial sums of dw, added in ascending
 * order, so the bits do not depend on the threads.
 */
public final class ConvPoolGradient {
    private static final int MAX_CHUNKS = 16;

    /** Output channels whose weights or partial sums are one thread's. */
    private static final int CHANNELS_AT_ONCE = 4;

    /** More would not fit into the counters of the lists. */
    private static final int MAX_CHANNELS = 0xffff;

    private final Conv2dSpec conv;

    private final TurnedPictures pictures;

    /** Vectors of one row of taps, and of all rows. */
    private final int vectorsOfRow;

    private final int vectors;

    /** Where each vector of the taps lies in a picture, seen from the first tap. */
    private final int[] distance;

    /** Where each vector of the taps lies among the weights of a channel. */
    private final int[] dense;

    /** Where the first tap of each window's first output lies. */
    private final int[] base;

    /** How far the outputs of a window are from the first one. */
    private final int[] within;

    private ConvPoolGradient(Conv2dSpec conv, Pool2dSpec pool) {
        this.conv = conv;
        int channels = conv.inChannels();
        pictures = new TurnedPictures(conv);
        int rowStride = pictures.rowStride();
        vectorsOfRow = IntMath.ceilDiv(conv.kernelW() * channels, VL);
        vectors = conv.kernelH() * vectorsOfRow;
        distance = new int[vectors];
        dense = new int[vectors];
        for (int v = 0; v < vectors; v++) {
            distance[v] = v / vectorsOfRow * rowStride + v % vectorsOfRow * VL;
            dense[v] = v * VL;
        }
        base = new int[pool.outH() * pool.outW()];
        for (int i = 0; i < base.length; i++) {
            int row = 2 * (i / pool.outW()) * conv.strideH();
            int column = 2 * (i % pool.outW()) * conv.strideW();
            base[i] = row * rowStride + column * channels;
        }
        within =
                new int[] {
                    0,
                    conv.strideW() * channels,
                    conv.strideH() * rowStride,
                    conv.strideH() * rowStride + conv.strideW() * channels
                };
    }

    /** Whether these sizes are computed here. */
    public static boolean fits(Conv2dSpec conv, Pool2dSpec pool, boolean toInput) {
        boolean wholeVectors = conv.kernelW() * conv.inChannels() % VL == 0;
        return conv.groups() == 1
                && conv.dilationH() == 1
                && conv.dilationW() == 1
                && pool.isTwoByTwo()
                && conv.n() * pool.outH() * pool.outW() > 0
                && conv.outChannels() <= MAX_CHANNELS
                && (wholeVectors || !toInput);
    }

    /**
     * Computes the gradients that are asked for.
     *
     * @param dx as large as x, or empty
     * @param dw as large as w, or empty
     * @param db outChannels values from {@code dbOff} on, or empty
     */
    public static void run(
            Conv2dSpec conv,
            Pool2dSpec pool,
            float[] x,
            int xOff,
            float[] w,
            int wOff,
            float[] dy,
            int dyOff,
            byte[] index,
            int indexOff,
            float[] dx,
            int dxOff,
            float[] dw,
            int dwOff,
            float[] db,
            int dbOff) {
        ConvPoolGradient g = new ConvPoolGradient(conv, pool);
        float[] weights = dx.length > 0 ? g.turnedWeights(w, wOff) : dx;
        int chunks = Math.min(MAX_CHUNKS, conv.n());
        float[] partials = dw.length > 0 ? Scratch.PARTIALS.floats(chunks * g.partialLength()) : dw;
        Parallel.forChunks(
                chunks,
                chunk -> {
                    int part = chunk * g.partialLength();
                    if (dw.length > 0) {
                        Arrays.fill(partials, part, part + g.partialLength(), 0f);
                    }
                    int end = (int) ((long) conv.n() * (chunk + 1) / chunks);
                    for (int n = (int) ((long) conv.n() * chunk / chunks); n < end; n++) {
                        g.picture(
                                n, x, xOff, weights, dy, dyOff, index, indexOff, dx, dxOff,
                                partials, part);
                    }
                });
        if (dw.length > 0) {
            g.addPartials(chunks, partials, dw, dwOff, db, dbOff);
        }
    }

    /** Floats of a partial sum: the taps of every output channel, then the biases. */
    private int partialLength() {
        return conv.outChannels() * (vectors * VL + 1);
    }

    /** The weights as [output channel, vector of taps]. */
    private float[] turnedWeights(float[] w, int wOff) {
        float[] turned = Scratch.WEIGHTS.floats(conv.outChannels() * vectors * VL);
        int channels = conv.inChannels();
        int taps = conv.kernelH() * conv.kernelW();
        forOutputChannels(
                o -> {
                    for (int t = 0; t < taps; t++) {
                        int row = (o * vectors + t / conv.kernelW() * vectorsOfRow) * VL;
                        int to = row + t % conv.kernelW() * channels;
                        for (int c = 0; c < channels; c++) {
                            turned[to + c] = w[wOff + (o * channels + c) * taps + t];
                        }
                    }
                });
        return turned;
    }

    /** Spreads the output channels over the threads, a few at a time. */
    private void forOutputChannels(IntConsumer body) {
        Parallel.forChunks(
                IntMath.ceilDiv(conv.outChannels(), CHANNELS_AT_ONCE),
                group -> {
                    int from = group * CHANNELS_AT_ONCE;
                    int end = Math.min(conv.outChannels(), from + CHANNELS_AT_ONCE);
                    for (int o = from; o < end; o++) {
                        body.accept(o);
                    }
                });
    }

    private void picture(
            int n,
            float[] x,
            int xOff,
            float[] weights,
            float[] dy,
            int dyOff,
            byte[] index,
            int indexOff,
            float[] dx,
            int dxOff,
            float[] partials,
            int part) {
        int size = conv.inChannels() * conv.h() * conv.w();
        int windows = base.length;
        boolean toWeight = partials.length > 0;
        boolean toInput = dx.length > 0;
        float[] turned = new float[0];
        if (toWeight) {
            turned = Scratch.PLANES.floats(pictures.length());
            pictures.turn(x, xOff + n * size, turned);
        }
        float[] sums = new float[0];
        if (toInput) {
            sums = Scratch.OUTPUTS.floats(pictures.length());
            Arrays.fill(sums, 0, pictures.length(), 0f);
        }
        if (toWeight) {
            for (int o = 0; o < conv.outChannels(); o++) {
                int from = (n * conv.outChannels() + o) * windows;
                int to = part + o * vectors * VL;
                int bias = part + conv.outChannels() * vectors * VL + o;
                partials[bias] +=
                        toWeights(dy, dyOff + from, index, indexOff + from, turned, partials, to);
            }
        }
        if (toInput) {
            int from = n * conv.outChannels() * windows;
            spread(dy, dyOff + from, index, indexOff + from, weights, sums);
            pictures.turnBack(sums, dx, dxOff + n * size);
        }
    }

    /** Adds an output channel's part to its taps' gradients; returns its bias's. */
    private float toWeights(
            float[] dy,
            int dyOff,
            byte[] index,
            int indexOff,
            float[] turned,
            float[] partials,
            int to) {
        int windows = base.length;
        if (vectors <= 3) {
            return ConvPoolKernel.addWindows(
                    windows, index, indexOff, dy, dyOff, base, within, turned, distance, vectors,
                    partials, to);
        }
        int[] places = Scratch.PLACES.ints(windows + 1);
        float[] values = Scratch.VALUES.floats(windows + 1);
        int count = list(dy, dyOff, index, indexOff, places, values);
        ConvPoolKernel.addPatches(
                0, count, places, values, turned, distance, vectors, partials, to, dense);
        return sum(values, count);
    }

    /** Lists the places that get a gradient, and what they get; returns how many they are. */
    private int list(
            float[] dy, int dyOff, byte[] index, int indexOff, int[] places, float[] values) {
        int count = 0;
        for (int i = 0; i < base.length; i++) {
            int at = index[indexOff + i];
            // The next one overwrites it where there is none: nowhere is a negative byte.
            places[count] = base[i] + within[at & 3];
            values[count] = dy[dyOff + i];
            count += (at >>> 31) ^ 1;
        }
        return count;
    }

    /** In four parts, which need not wait for each other. */
    private static float sum(float[] values, int count) {
        float a = 0f;
        float b = 0f;
        float c = 0f;
        float d = 0f;
        int i = 0;
        for (; i <= count - 4; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < count; i++) {
            a += values[i];
        }
        return a + b + (c + d);
    }

    /**
     * Adds to each of a picture's patches the weights of all channels whose gradient goes there.
     * Channels are listed by their place in the window, so that a patch is loaded and stored once
     * for all of them and not for each.
     */
    private void spread(
            float[] dy, int dyOff, byte[] index, int indexOff, float[] weights, float[] sums) {
        int channels = conv.outChannels();
        int windows = base.length;
        int size = channels + 1;
        int[] lists = Scratch.PLACES.ints(within.length * size);
        float[] values = Scratch.VALUES.floats(within.length * size);
        for (int i = 0; i < windows; i++) {
            // The lengths of the four lists, 16 bits each: in memory one would wait for the other.
            long counts = 0;
            for (int o = 0; o < channels; o++) {
                int at = index[indexOff + o * windows + i];
                int list = at & 3;
                int to = list * size + (int) ((counts >>> (16 * list)) & 0xffff);
                lists[to] = o * vectors * VL;
                values[to] = dy[dyOff + o * windows + i];
                // The next one overwrites it where there is none: nowhere is a negative byte.
                counts += (long) ((at >>> 31) ^ 1) << (16 * list);
            }
            for (int p = 0; p < within.length; p++) {
                int count = (int) ((counts >>> (16 * p)) & 0xffff);
                if (count > 0) {
                    ConvPoolKernel.addPatches(
                            p * size,
                            count,
                            lists,
                            values,
                            weights,
                            dense,
                            vectors,
                            sums,
                            base[i] + within[p],
                            distance);
                }
            }
        }
    }

    private void addPartials(
            int chunks, float[] partials, float[] dw, int dwOff, float[] db, int dbOff) {
        int biases = conv.outChannels() * vectors * VL;
        forOutputChannels(
                o -> {
                    addChannel(o, chunks, partials, dw, dwOff);
                    float sum = partials[biases + o];
                    for (int chunk = 1; chunk < chunks; chunk++) {
                        sum += partials[chunk * partialLength() + biases + o];
                    }
                    if (db.length > 0) {
                        db[dbOff + o] = sum;
                    }
                });
    }

    /** Adds the partial sums of an output channel's taps, and writes them in dw's order. */
    private void addChannel(int o, int chunks, float[] partials, float[] dw, int dwOff) {
        int length = partialLength();
        int first = o * vectors * VL;
        for (int v = first; v < first + vectors * VL; v += VL) {
            FloatVector sum = FloatVector.fromArray(SPECIES, partials, v);
            for (int chunk = 1; chunk < chunks; chunk++) {
                sum = sum.add(FloatVector.fromArray(SPECIES, partials, v + chunk * length));
            }
            sum.intoArray(partials, v);
        }
        int channels = conv.inChannels();
        int taps = conv.kernelH() * conv.kernelW();
        for (int t = 0; t < taps; t++) {
            int row = t / conv.kernelW() * vectorsOfRow * VL;
            int from = first + row + t % conv.kernelW() * channels;
            for (int c = 0; c < channels; c++) {
                dw[dwOff + (o * channels + c) * taps + t] = partials[from + c];
            }
        }
    }
}
