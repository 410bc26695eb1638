package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

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
 * order, so the bits do not depend on the threads. The caller has the scratch arrays WEIGHTS and
 * PARTIALS, a chunk PLANES, OUTPUTS, PLACES and VALUES.
 */
final class SparseGradient implements Convolution.PooledGradient {
    private static final int MAX_CHUNKS = 16;

    /** Output channels whose weights or partial sums are one thread's. */
    private static final int CHANNELS_AT_ONCE = 4;

    /** More would not fit into the counters of the lists. */
    private static final int MAX_CHANNELS = 0xffff;

    private final Conv2dSpec conv;

    private final ChannelsLast pictures;

    /** Partial sums, each of some pictures. */
    private final int chunks;

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

    SparseGradient(Convolution.PooledGradientProblem problem) {
        conv = problem.spec().conv();
        Pool2dSpec pool = problem.spec().pool();
        int channels = conv.inChannels();
        pictures = new ChannelsLast(conv);
        chunks = Math.min(MAX_CHUNKS, conv.n());
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

    static @Nullable String obstacle(Convolution.PooledGradientProblem problem) {
        Conv2dSpec conv = problem.spec().conv();
        Pool2dSpec pool = problem.spec().pool();
        if (!pool.isTwoByTwo()) {
            return "windows are not 2 x 2";
        }
        if (conv.groups() > 1) {
            return "channels come in groups";
        }
        if (conv.dilationH() > 1 || conv.dilationW() > 1) {
            return "taps are dilated";
        }
        if (Convolution.isFasterAlone(conv)) {
            return "channels are many";
        }
        if (conv.n() * pool.outH() * pool.outW() <= 0) {
            return "there are no windows";
        }
        if (conv.outChannels() > MAX_CHANNELS) {
            return conv.outChannels() + " output channels are many";
        }
        // Of a patch of dx whole vectors are written.
        int row = conv.kernelW() * conv.inChannels();
        return problem.wantsDx() && row % VL != 0
                ? "a row of " + row + " taps is not of whole vectors"
                : null;
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.Floats dy,
            HostBuffer.Bytes index,
            HostBuffer.@Nullable Floats dx,
            HostBuffer.@Nullable Floats dw,
            HostBuffer.@Nullable Floats db) {
        float[] weights = dx == null ? null : turnedWeights(w);
        float[] partials = dw == null ? null : Scratch.PARTIALS.floats(chunks * partialLength());
        Parallel.forChunks(
                chunks,
                chunk -> {
                    int part = chunk * partialLength();
                    if (partials != null) {
                        Arrays.fill(partials, part, part + partialLength(), 0f);
                    }
                    int end = (int) ((long) conv.n() * (chunk + 1) / chunks);
                    for (int n = (int) ((long) conv.n() * chunk / chunks); n < end; n++) {
                        if (partials != null) {
                            toWeights(n, x, dy, index, partials, part);
                        }
                        if (dx != null && weights != null) {
                            toInput(n, weights, dy, index, dx);
                        }
                    }
                });
        if (dw != null && partials != null) {
            addPartials(partials, dw, db);
        }
    }

    /** Floats of a partial sum: the taps of every output channel, then the biases. */
    private int partialLength() {
        return conv.outChannels() * (vectors * VL + 1);
    }

    /** The weights as [output channel, vector of taps]. */
    private float[] turnedWeights(HostBuffer.Floats w) {
        float[] values = w.array();
        float[] turned = Scratch.WEIGHTS.floats(conv.outChannels() * vectors * VL);
        int channels = conv.inChannels();
        int taps = conv.kernelH() * conv.kernelW();
        forOutputChannels(
                o -> {
                    for (int t = 0; t < taps; t++) {
                        int row = (o * vectors + t / conv.kernelW() * vectorsOfRow) * VL;
                        int to = row + t % conv.kernelW() * channels;
                        for (int c = 0; c < channels; c++) {
                            int from = w.offset() + (o * channels + c) * taps + t;
                            turned[to + c] = values[from];
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

    /** Adds a picture's part to the gradients of weights and bias that begin at {@code part}. */
    private void toWeights(
            int n,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Bytes index,
            float[] partials,
            int part) {
        float[] turned = Scratch.PLANES.floats(pictures.length());
        pictures.turn(x.array(), x.offset() + n * pictureSize(), turned);
        int biases = part + conv.outChannels() * vectors * VL;
        for (int o = 0; o < conv.outChannels(); o++) {
            int from = (n * conv.outChannels() + o) * base.length;
            int to = part + o * vectors * VL;
            partials[biases + o] += channelToWeights(dy, index, from, turned, partials, to);
        }
    }

    private int pictureSize() {
        return conv.inChannels() * conv.h() * conv.w();
    }

    /** Adds an output channel's part to its taps' gradients; returns its bias's. */
    private float channelToWeights(
            HostBuffer.Floats dy,
            HostBuffer.Bytes index,
            int from,
            float[] turned,
            float[] partials,
            int to) {
        float[] gradients = dy.array();
        int dyOff = dy.offset() + from;
        byte[] which = index.array();
        int indexOff = index.offset() + from;
        int windows = base.length;
        if (vectors <= 3) {
            return PatchKernel.addWindows(
                    windows, which, indexOff, gradients, dyOff, base, within, turned, distance,
                    vectors, partials, to);
        }
        int[] places = Scratch.PLACES.ints(windows + 1);
        float[] values = Scratch.VALUES.floats(windows + 1);
        int count = list(gradients, dyOff, which, indexOff, places, values);
        PatchKernel.addPatches(
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

    /** Writes a picture of dx. */
    private void toInput(
            int n,
            float[] weights,
            HostBuffer.Floats dy,
            HostBuffer.Bytes index,
            HostBuffer.Floats dx) {
        float[] sums = Scratch.OUTPUTS.floats(pictures.length());
        Arrays.fill(sums, 0, pictures.length(), 0f);
        int from = n * conv.outChannels() * base.length;
        int dyOff = dy.offset() + from;
        spread(dy.array(), dyOff, index.array(), index.offset() + from, weights, sums);
        pictures.turnBack(sums, dx.array(), dx.offset() + n * pictureSize());
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
                    PatchKernel.addPatches(
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
            float[] partials, HostBuffer.Floats dw, HostBuffer.@Nullable Floats db) {
        int biases = conv.outChannels() * vectors * VL;
        forOutputChannels(
                o -> {
                    addChannel(o, partials, dw.array(), dw.offset());
                    float sum = partials[biases + o];
                    for (int chunk = 1; chunk < chunks; chunk++) {
                        sum += partials[chunk * partialLength() + biases + o];
                    }
                    if (db != null) {
                        db.array()[db.offset() + o] = sum;
                    }
                });
    }

    /** Adds the partial sums of an output channel's taps, and writes them in dw's order. */
    private void addChannel(int o, float[] partials, float[] dw, int dwOff) {
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
