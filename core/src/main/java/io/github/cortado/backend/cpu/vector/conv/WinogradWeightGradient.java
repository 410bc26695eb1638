package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.Winograd.PRODUCTS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.conv.Winograd.Group;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights for {@link Winograd}: dw = G^T S G, where S is the sum over all tiles
 * of V = B^T d B times Z = A dy A^T, product by product. Some groups of tiles are transformed, then
 * each of the 16 products is summed over them ({@link WeightKernel}) for a block of output
 * channels; sums live through all rounds of this. Where a gradient is not finite, all are computed
 * by the definition, as in {@link WinogradOutputs}.
 *
 * <p>The caller has the scratch arrays VALUES, TILES, PARTIALS and SUMS, a chunk PLANES, OUTPUTS
 * and RESULTS.
 */
final class WinogradWeightGradient implements Convolution.WeightGradient {
    /** Input channels that a chunk transforms. */
    private static final int INPUTS = 16;

    /** Floats of transformed tiles of a round, where one group is not more. */
    private static final int ROUND = 1 << 18;

    /** Groups whose sums are added to those of all others: long sums lose more. */
    private static final int FOLD = 16;

    /** The product that holds the sum of a tile's outputs. */
    private static final int SUM = 5;

    private final Winograd c;
    private final Convolution.WeightGradient direct;

    /** Output channels of a block. */
    private final int channels;

    private final int blocks;
    private final int inputParts;
    private final int ldv;
    private final int ldz;

    /** Groups of a round. */
    private final int round;

    /** Floats of the sums of a product and a block, and where those of its outputs follow. */
    private final int sumsLength;

    private final int biasAt;

    /** Where an input channel lies in V, and a tile in a channel. */
    private final int[] distance;

    private final int[] position;

    WinogradWeightGradient(Conv2dSpec s) {
        c = Winograd.ofInput(s);
        direct =
                ManyChannels.obstacle(s) == null
                        ? new ManyChannelsWeightGradient(s)
                        : new PlanesWeightGradient(s);
        channels = WeightKernel.channels(c.out());
        blocks = IntMath.ceilDiv(c.out(), channels);
        inputParts = IntMath.ceilDiv(c.in(), INPUTS);
        int ld = c.ld();
        ldv = c.stride(c.in());
        ldz = ld * channels + VL;
        round = Math.max(1, Math.min(c.groups(), ROUND / (PRODUCTS * (ldv + blocks * ldz))));
        int padded = IntMath.roundUp(c.in(), WeightKernel.PADDING);
        biasAt = padded * channels;
        sumsLength = biasAt + channels;
        distance = new int[padded];
        Arrays.setAll(distance, i -> Math.min(i, c.in() - 1) * ld);
        position = new int[ld];
        Arrays.setAll(position, t -> t);
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        float[] v = Scratch.VALUES.floats(round * PRODUCTS * ldv);
        float[] z = Scratch.TILES.floats(round * blocks * PRODUCTS * ldz);
        int length = blocks * PRODUCTS * sumsLength;
        float[] near = Scratch.PARTIALS.floats(length);
        Arrays.fill(near, 0, length, 0f);
        float[] sums = c.groups() > FOLD ? Scratch.SUMS.floats(length) : near;
        Arrays.fill(sums, 0, length, 0f);
        int parts = inputParts + blocks;
        for (int first = 0; first < c.groups(); first += round) {
            int begin = first;
            int count = Math.min(round, c.groups() - first);
            Parallel.forChunks(
                    count * parts,
                    chunk -> {
                        int k = chunk / parts;
                        int part = chunk % parts;
                        Group g = c.group(begin + k);
                        if (part < inputParts) {
                            int end = Math.min(c.in(), (part + 1) * INPUTS);
                            c.input(x, g, part * INPUTS, end, v, k * PRODUCTS * ldv);
                        } else {
                            int block = part - inputParts;
                            outputs(dy, g, block, z, (k * blocks + block) * PRODUCTS * ldz);
                        }
                    });
            Parallel.forChunks(
                    blocks * PRODUCTS,
                    chunk -> {
                        for (int k = 0; k < count; k++) {
                            add(chunk, c.group(begin + k), k, v, z, near);
                            int done = begin + k + 1;
                            if (sums != near && (done % FOLD == 0 || done == c.groups())) {
                                fold(near, sums, chunk * sumsLength);
                            }
                        }
                    });
        }
        AtomicBoolean finite = new AtomicBoolean(true);
        Parallel.forChunks(
                blocks,
                block -> {
                    if (!gradients(block, sums, dw, db)) {
                        finite.set(false);
                    }
                });
        if (!finite.get()) {
            direct.run(x, dy, dw, db);
        }
    }

    /** The transformed gradients of a block's outputs, as [product, tile, channel]. */
    private void outputs(HostBuffer.Floats dy, Group g, int block, float[] z, int zOff) {
        int outW = c.outW();
        int outputs = c.outH() * outW;
        int columns = c.tiles().tileColumns();
        int firstRow = 2 * g.firstRow();
        int rows = Math.min(2 * g.rows(), c.outH() - firstRow);
        int zero = rows * outW * channels;
        float[] turned = Scratch.OUTPUTS.floats(zero + channels);
        Arrays.fill(turned, zero, zero + channels, 0f);
        int width = Math.min(channels, c.out() - block * channels);
        int to = zOff;
        for (int k = 0; k < g.count(); k++) {
            int plane = ((g.picture() + k) * c.out() + block * channels) * outputs;
            int from = dy.offset() + plane + firstRow * outW;
            Packing.columns(dy.array(), from, outputs, rows * outW, width, turned, 0, channels);
            for (int row = 0; row < 2 * g.rows(); row += 2) {
                for (int j = 0; j < 2 * columns; j += 2) {
                    int at = (row * outW + j) * channels;
                    boolean right = j + 1 < outW;
                    boolean below = row + 1 < rows;
                    int lower = at + outW * channels;
                    WinogradTransforms.gradient(
                            turned,
                            at,
                            right ? at + channels : zero,
                            below ? lower : zero,
                            right && below ? lower + channels : zero,
                            channels,
                            z,
                            to,
                            ldz);
                    to += channels;
                }
            }
        }
    }

    /** Adds what the tiles of a group are to one product's sums of a block. */
    private void add(int chunk, Group g, int k, float[] v, float[] z, float[] sums) {
        int block = chunk / PRODUCTS;
        int product = chunk % PRODUCTS;
        int tiles = g.count() * g.rows() * c.tiles().tileColumns();
        int zAt = ((k * blocks + block) * PRODUCTS + product) * ldz;
        int at = chunk * sumsLength;
        WeightKernel.weights(
                tiles,
                c.in(),
                v,
                (k * PRODUCTS + product) * ldv,
                position,
                distance,
                z,
                zAt,
                channels,
                sums,
                at);
        if (product == SUM) {
            WeightKernel.bias(tiles, z, zAt, channels, sums, at + biasAt);
        }
    }

    /** Adds the sums of a product and a block to others, and begins them anew. */
    private void fold(float[] near, float[] sums, int at) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = at; i < at + sumsLength; i += VL) {
            FloatVector.fromArray(SPECIES, sums, i)
                    .add(FloatVector.fromArray(SPECIES, near, i))
                    .intoArray(sums, i);
            zero.intoArray(near, i);
        }
    }

    /** The gradients of a block's weights and biases; whether those of the weights are finite. */
    private boolean gradients(
            int block, float[] sums, HostBuffer.Floats dw, HostBuffer.@Nullable Floats db) {
        int from = block * PRODUCTS * sumsLength;
        int terms = 9 * c.in();
        float[] turned = Scratch.RESULTS.floats(terms * channels);
        for (int i = 0; i < c.in(); i++) {
            int to = 9 * i * channels;
            WinogradTransforms.weightGradient(
                    sums, from + i * channels, sumsLength, channels, turned, to);
        }
        int width = Math.min(channels, c.out() - block * channels);
        float check = 0f;
        for (int r = 0; r < width; r++) {
            int to = dw.offset() + (block * channels + r) * terms;
            for (int q = 0; q < terms; q++) {
                float value = turned[q * channels + r];
                dw.array()[to + q] = value;
                check += 0f * value;
            }
        }
        if (db != null) {
            int at = from + SUM * sumsLength + biasAt;
            System.arraycopy(sums, at, db.array(), db.offset() + block * channels, width);
        }
        return check == 0f;
    }
}
