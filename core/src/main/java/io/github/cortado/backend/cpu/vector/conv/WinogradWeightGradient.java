package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.Winograd.PRODUCTS;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.conv.Winograd.Group;
import io.github.cortado.backend.cpu.vector.layout.Turning;
import io.github.cortado.backend.cpu.vector.product.GemmKernels;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights for {@link Winograd}: dw = G^T S G, where S is the sum over all tiles
 * of V = B^T d B times Z = A dy A^T, product by product ({@link OuterProducts}). Where a gradient
 * is not finite, all are computed by the definition, as in {@link WinogradOutputs}.
 *
 * <p>A single group of tiles is transformed, then each block of sums becomes gradients while it is
 * in a cache. Of several groups, where sums are small, parts have their own, which a thread
 * computes from end to end in its own cache; else all threads transform some groups, then sum each
 * product of a block over them.
 *
 * <p>The caller has the scratch array PARTIALS, a part VALUES and TILES, a part or a block SUMS, a
 * chunk PLANES and HALF_TURNED.
 */
final class WinogradWeightGradient implements Convolution.WeightGradient {
    /** Input and output channels of a block of sums. */
    private static final int INPUTS = 8 * OuterProducts.TILE;

    private static final int OUTPUTS = 2 * VL;

    /** Parts of the tiles at most, and floats of all their sums. */
    private static final int MAX_PARTS = 16;

    private static final int MAX_PARTIALS = 1 << 21;

    /** Fewer parts would leave threads without work. */
    private static final int MIN_PARTS = 8;

    /** Floats of transformed tiles of a round, where one group is not more. */
    private static final int ROUND = 1 << 20;

    /** Groups whose sums are added to those of all others: long sums lose more. */
    private static final int FOLD = 8;

    /** The product that holds the sum of a tile's outputs. */
    private static final int SUM = 5;

    private final Winograd c;
    private final Convolution.WeightGradient direct;
    private final WinogradTurned inputs;
    private final WinogradTurned outputs;

    /** Blocks beside each other, and all. */
    private final int outputBlocks;

    private final int blocks;

    /** Floats of the sums of a product in a block, and of a block, which ends with its biases. */
    private final int productLength;

    private final int blockLength;
    private final int parts;

    /** Groups of a round. */
    private final int round;

    /** Where the weights of an output channel lie. */
    private final int[] place;

    WinogradWeightGradient(Conv2dSpec s) {
        c = Winograd.ofSums(s);
        direct =
                ManyChannels.obstacle(s) == null
                        ? new ManyChannelsWeightGradient(s)
                        : new PlanesWeightGradient(s);
        inputs = WinogradTurned.inputs(c);
        outputs = WinogradTurned.outputs(c);
        outputBlocks = IntMath.ceilDiv(c.out(), OUTPUTS);
        blocks = IntMath.ceilDiv(c.in(), INPUTS) * outputBlocks;
        int rows = Math.min(INPUTS, IntMath.roundUp(c.in(), OuterProducts.TILE));
        productLength = rows * OUTPUTS + VL;
        blockLength = PRODUCTS * productLength + OUTPUTS;
        int most = Math.min(MAX_PARTS, MAX_PARTIALS / (blocks * blockLength));
        parts = Math.min(most, c.groups()) < MIN_PARTS ? 1 : Math.min(most, c.groups());
        int fit = ROUND / (inputs.length() + outputs.length());
        round = parts > 1 ? 1 : Math.max(1, Math.min(c.groups(), fit));
        place = new int[OUTPUTS];
        Arrays.setAll(place, r -> r * 9 * c.in());
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        AtomicBoolean finite = new AtomicBoolean(true);
        if (c.groups() == 1) {
            float[] v = Scratch.VALUES.floats(inputs.length());
            float[] z = Scratch.TILES.floats(outputs.length());
            transform(0, 1, x, dy, v, z);
            Parallel.forChunks(
                    blocks,
                    block -> {
                        float[] sums = Scratch.SUMS.floats(blockLength);
                        for (int product = 0; product < PRODUCTS; product++) {
                            add(block, product, c.tiles(0), 0, v, z, sums, 0, true);
                        }
                        if (!gradients(block, sums, 0, dw, db)) {
                            finite.set(false);
                        }
                    });
        } else {
            int length = blocks * blockLength;
            float[] partials = Scratch.PARTIALS.floats(parts * length);
            Parallel.forChunks(parts, part -> sums(part, x, dy, partials));
            Parallel.forChunks(
                    blocks,
                    block -> {
                        int at = block * blockLength;
                        for (int part = 1; part < parts; part++) {
                            add(partials, part * length + at, partials, at, blockLength);
                        }
                        if (!gradients(block, partials, at, dw, db)) {
                            finite.set(false);
                        }
                    });
        }
        if (!finite.get()) {
            direct.run(x, dy, dw, db);
        }
    }

    /** Transforms some groups. */
    private void transform(
            int first, int count, HostBuffer.Floats x, HostBuffer.Floats dy, float[] v, float[] z) {
        int chunks = inputs.chunks() + outputs.chunks();
        Parallel.forChunks(
                count * chunks,
                chunk -> {
                    int k = chunk / chunks;
                    int i = chunk % chunks;
                    Group g = c.group(first + k);
                    if (i < inputs.chunks()) {
                        inputs.input(x, g, i, v, k * inputs.length());
                    } else {
                        outputs.gradient(dy, g, i - inputs.chunks(), z, k * outputs.length());
                    }
                });
    }

    /** The sums over a part of the groups. */
    private void sums(int part, HostBuffer.Floats x, HostBuffer.Floats dy, float[] partials) {
        int begin = (int) ((long) c.groups() * part / parts);
        int end = (int) ((long) c.groups() * (part + 1) / parts);
        int length = blocks * blockLength;
        int to = part * length;
        if (end - begin <= FOLD) {
            sums(begin, end, x, dy, partials, to);
            return;
        }
        float[] near = Scratch.SUMS.floats(length);
        Arrays.fill(partials, to, to + length, 0f);
        for (int first = begin; first < end; first += FOLD) {
            sums(first, Math.min(end, first + FOLD), x, dy, near, 0);
            Parallel.forChunks(
                    blocks,
                    block -> {
                        int at = block * blockLength;
                        add(near, at, partials, to + at, blockLength);
                    });
        }
    }

    /** The sums over some groups, round by round. */
    private void sums(
            int begin,
            int end,
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            float[] sums,
            int sumsOff) {
        float[] v = Scratch.VALUES.floats(round * inputs.length());
        float[] z = Scratch.TILES.floats(round * outputs.length());
        for (int first = begin; first < end; first += round) {
            int from = first;
            int count = Math.min(round, end - first);
            transform(from, count, x, dy, v, z);
            Parallel.forChunks(
                    PRODUCTS * blocks,
                    chunk -> {
                        int product = chunk / blocks;
                        int block = chunk % blocks;
                        int at = sumsOff + block * blockLength;
                        for (int k = 0; k < count; k++) {
                            int tiles = c.tiles(from + k);
                            add(block, product, tiles, k, v, z, sums, at, from + k == begin);
                        }
                    });
        }
    }

    /**
     * Adds what the tiles of a round's group {@code k} are to a product's sums in a block, or
     * begins them anew.
     */
    private void add(
            int block,
            int product,
            int tiles,
            int k,
            float[] v,
            float[] z,
            float[] sums,
            int sumsOff,
            boolean anew) {
        int input = block / outputBlocks * INPUTS;
        int output = block % outputBlocks * OUTPUTS;
        int vAt = k * inputs.length() + product * inputs.step() + inputs.at(input);
        int zAt = k * outputs.length() + product * outputs.step() + outputs.at(output);
        int at = sumsOff + product * productLength;
        if (anew) {
            Arrays.fill(sums, at, at + productLength, 0f);
        }
        int columns = Math.min(INPUTS, c.in() - input);
        if (MANY_REGISTERS) {
            OuterProducts.add(tiles, columns, v, vAt, inputs.ld(), z, zAt, outputs.ld(), sums, at);
        } else {
            for (int i = 0; i < columns; i += OuterProducts.TILE) {
                int panel = vAt + inputs.at(i);
                int to = at + i * OUTPUTS;
                GemmKernels.tile(tiles, v, panel, z, zAt, sums, to, OUTPUTS, false);
            }
        }
        if (product == SUM) {
            int biasAt = sumsOff + PRODUCTS * productLength;
            if (anew) {
                Arrays.fill(sums, biasAt, biasAt + OUTPUTS, 0f);
            }
            OuterProducts.addRows(tiles, z, zAt, outputs.ld(), sums, biasAt);
        }
    }

    private static void add(float[] from, int at, float[] to, int toOff, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector.fromArray(SPECIES, to, toOff + i)
                    .add(FloatVector.fromArray(SPECIES, from, at + i))
                    .intoArray(to, toOff + i);
        }
    }

    /** The gradients of a block; whether those of the weights are finite. */
    private boolean gradients(
            int block,
            float[] sums,
            int sumsOff,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        int input = block / outputBlocks * INPUTS;
        int output = block % outputBlocks * OUTPUTS;
        int rows = Math.min(INPUTS, c.in() - input);
        int width = Math.min(OUTPUTS, c.out() - output);
        float[] turned = Scratch.PLANES.floats(9 * rows * OUTPUTS);
        for (int i = 0; i < rows; i++) {
            int from = sumsOff + i * OUTPUTS;
            int to = 9 * i * OUTPUTS;
            WinogradTransforms.weightGradient(sums, from, productLength, OUTPUTS, turned, to);
        }
        int to = dw.offset() + 9 * (output * c.in() + input);
        Turning.run(turned, 0, OUTPUTS, 9 * rows, width, dw.array(), to, place);
        if (db != null && input == 0) {
            int from = sumsOff + PRODUCTS * productLength;
            System.arraycopy(sums, from, db.array(), db.offset() + output, width);
        }
        return finite(turned, 9 * rows * OUTPUTS);
    }

    private static boolean finite(float[] values, int length) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector even = zero;
        FloatVector odd = zero;
        for (int i = 0; i < length; i += 2 * VL) {
            even = FloatVector.fromArray(SPECIES, values, i).fma(zero, even);
            odd = FloatVector.fromArray(SPECIES, values, i + VL).fma(zero, odd);
        }
        TYPE.cast(even.add(odd)).intoArray(values, 0);
        float check = 0f;
        for (int l = 0; l < VL; l++) {
            check += values[l];
        }
        return check == 0f;
    }
}
