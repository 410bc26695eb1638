package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.conv.FewTaps.CHANNELS;
import static io.github.cortado.backend.cpu.vector.conv.FewTaps.DEPTH;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.conv.FewTaps.Pair;
import io.github.cortado.backend.cpu.vector.layout.Turning;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the weights for {@link FewTaps}: sums [input channel, output channel] for each
 * tap, over the pictures and the places that it brings together.
 *
 * <p>The caller has the scratch array VALUES, a chunk OUTPUTS and HALF_TURNED.
 */
final class FewTapsWeightGradient implements Convolution.WeightGradient {
    private final FewTaps c;
    private final Pair[][] ofTap;

    /** Where each picture begins. */
    private final int[] pictureAt;

    /** Where each place of a picture goes when dy is turned. */
    private final int[] placeAt;

    FewTapsWeightGradient(Conv2dSpec s) {
        c = FewTaps.of(s);
        ofTap = new Pair[c.taps()][];
        for (int tap = 0; tap < ofTap.length; tap++) {
            int wanted = tap;
            ofTap[tap] = c.pairs().stream().filter(p -> p.tap() == wanted).toArray(Pair[]::new);
        }
        pictureAt = FewTaps.multiples(c.n(), c.in() * c.inSize());
        placeAt = new int[c.outSize()];
        Arrays.setAll(placeAt, place -> place * c.n() * CHANNELS);
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats dy,
            HostBuffer.Floats dw,
            HostBuffer.@Nullable Floats db) {
        int blocks = IntMath.ceilDiv(c.out(), CHANNELS);
        int parts = IntMath.ceilDiv(c.in(), DEPTH);
        int length = c.outSize() * c.n() * CHANNELS;
        float[] turned = Scratch.VALUES.floats(blocks * length);
        Parallel.forChunks(blocks, block -> turn(dy, block, turned, block * length));
        Parallel.forChunks(
                blocks * parts,
                chunk -> {
                    int block = chunk / parts;
                    int part = chunk % parts;
                    weights(block, part * DEPTH, x, turned, block * length, dw);
                    if (part == 0 && db != null) {
                        bias(block, turned, block * length, db);
                    }
                });
    }

    private int width(int block) {
        return Math.min(CHANNELS, c.out() - block * CHANNELS);
    }

    /** A block of dy as [place, picture, lane]. */
    private void turn(HostBuffer.Floats dy, int block, float[] turned, int to) {
        int width = width(block);
        if (width < CHANNELS) {
            Arrays.fill(turned, to, to + c.outSize() * c.n() * CHANNELS, 0f);
        }
        for (int k = 0; k < c.n(); k++) {
            int from = dy.offset() + (k * c.out() + block * CHANNELS) * c.outSize();
            int size = c.outSize();
            Turning.run(dy.array(), from, size, width, size, turned, to + k * CHANNELS, placeAt);
        }
    }

    /** The gradients of the weights from some channels to a block, tap after tap. */
    private void weights(
            int block,
            int first,
            HostBuffer.Floats x,
            float[] turned,
            int turnedAt,
            HostBuffer.Floats dw) {
        int count = Math.min(DEPTH, c.in() - first);
        int[] channelAt = FewTaps.multiples(count, c.inSize());
        int length = channelAt.length * CHANNELS;
        float[] sums = Scratch.OUTPUTS.floats(length);
        for (int tap = 0; tap < c.taps(); tap++) {
            Arrays.fill(sums, 0, length, 0f);
            for (Pair pair : ofTap[tap]) {
                WeightKernel.weights(
                        c.n(),
                        count,
                        x.array(),
                        x.offset() + first * c.inSize() + pair.input(),
                        pictureAt,
                        channelAt,
                        turned,
                        turnedAt + placeAt[pair.output()],
                        CHANNELS,
                        sums,
                        0);
            }
            float[] to = dw.array();
            for (int r = 0; r < width(block); r++) {
                int channel = (block * CHANNELS + r) * c.in() + first;
                int at = dw.offset() + channel * c.taps() + tap;
                for (int i = 0; i < count; i++) {
                    to[at + i * c.taps()] = sums[i * CHANNELS + r];
                }
            }
        }
    }

    private void bias(int block, float[] turned, int at, HostBuffer.Floats db) {
        float[] sums = Scratch.OUTPUTS.floats(CHANNELS);
        Arrays.fill(sums, 0, CHANNELS, 0f);
        WeightKernel.bias(c.outSize() * c.n(), turned, at, CHANNELS, sums, 0);
        System.arraycopy(sums, 0, db.array(), db.offset() + block * CHANNELS, width(block));
    }
}
