package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.conv.FewTaps.CHANNELS;
import static io.github.cortado.backend.cpu.vector.conv.FewTaps.DEPTH;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Packed;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Turning;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Forward and the gradient of the input for {@link FewTaps}: sums [picture, channel] for each place
 * that is written, over the taps that it has.
 *
 * <p>The caller has the scratch array WEIGHTS, a chunk OUTPUTS and HALF_TURNED.
 */
final class FewTapsOutputs {
    /** Pictures of a chunk at most: whole tiles with all widths of vectors. */
    private static final int PICTURES = 96;

    /** What a place that is written reads: a place, through a tap. */
    private record Read(int tap, int place) {}

    private final int n;
    private final Channels channels;
    private final int terms;

    /** Places of a channel that is read, and of one that is written. */
    private final int readSize;

    private final int writtenSize;
    private final Read[][] reads;

    /** Where each channel of a part that is read begins. */
    private final int[] channelAt;

    /** What results are cut off at; NaN leaves them. */
    private final float limit;

    private FewTapsOutputs(FewTaps c, boolean forward, double limit) {
        n = c.n();
        channels = forward ? new Channels(1, c.in(), c.out()) : new Channels(1, c.out(), c.in());
        terms = channels.in() * c.taps();
        readSize = forward ? c.inSize() : c.outSize();
        writtenSize = forward ? c.outSize() : c.inSize();
        reads = new Read[writtenSize][];
        for (int place = 0; place < writtenSize; place++) {
            int written = place;
            reads[place] =
                    c.pairs().stream()
                            .filter(p -> written == (forward ? p.output() : p.input()))
                            .map(p -> new Read(p.tap(), forward ? p.input() : p.output()))
                            .toArray(Read[]::new);
        }
        channelAt = FewTaps.multiples(Math.min(DEPTH, channels.in()), readSize);
        this.limit = (float) limit;
    }

    /** y = x * w + b, cut off where the problem says so. */
    static Convolution.Forward forward(Conv2dSpec s) {
        FewTaps c = FewTaps.of(s);
        FewTapsOutputs plan = new FewTapsOutputs(c, true, s.limit());
        int[] place = new int[c.in() * c.taps()];
        Arrays.setAll(place, q -> (q % c.taps() * c.in() + q / c.taps()) * CHANNELS);
        return (x, w, b, y) -> plan.run(x, new Forward(c, w, b, place), y);
    }

    /** dx = dy * w, transposed. */
    static Convolution.InputGradient inputGradient(Conv2dSpec s) {
        FewTaps c = FewTaps.of(s);
        FewTapsOutputs plan = new FewTapsOutputs(c, false, Double.NaN);
        return (dy, w, dx) -> {
            Weights transposed =
                    (group, channel, width, packed, at) ->
                            transposed(c, w, channel, width, packed, at);
            plan.run(dy, transposed, dx);
        };
    }

    /** Weights as [tap, output channel, lane]. */
    private static void transposed(
            FewTaps c, HostBuffer.Floats w, int channel, int width, float[] packed, int at) {
        float[] from = w.array();
        int taps = c.taps();
        if (width < CHANNELS) {
            Arrays.fill(packed, at, at + c.out() * taps * CHANNELS, 0f);
        }
        for (int o = 0; o < c.out(); o++) {
            for (int tap = 0; tap < taps; tap++) {
                int source = w.offset() + (o * c.in() + channel) * taps + tap;
                int target = at + (tap * c.out() + o) * CHANNELS;
                int r = 0;
                for (; r <= width - 4; r += 4) {
                    int row = source + r * taps;
                    packed[target + r] = from[row];
                    packed[target + r + 1] = from[row + taps];
                    packed[target + r + 2] = from[row + 2 * taps];
                    packed[target + r + 3] = from[row + 3 * taps];
                }
                for (; r < width; r++) {
                    packed[target + r] = from[source + r * taps];
                }
            }
        }
    }

    /**
     * Weights as [tap, input channel, lane].
     *
     * @param place where a row of w goes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Forward(
            FewTaps c, HostBuffer.Floats w, HostBuffer.@Nullable Floats b, int[] place)
            implements Weights {
        @Override
        public void pack(int group, int channel, int width, float[] packed, int at) {
            int from = w.offset() + channel * place.length;
            if (width < CHANNELS) {
                Arrays.fill(packed, at, at + place.length * CHANNELS, 0f);
            }
            Turning.run(w.array(), from, place.length, width, place.length, packed, at, place);
            if (b != null) {
                int biasAt = at + place.length * CHANNELS;
                System.arraycopy(b.array(), b.offset() + channel, packed, biasAt, width);
            }
        }

        @Override
        public float @Nullable [] kept(int length, Consumer<float[]> pack) {
            return Packed.kept(
                    w, b, List.of("taps", CHANNELS, c.in(), c.out(), c.taps()), length, pack);
        }
    }

    private void run(HostBuffer.Floats x, Weights weights, HostBuffer.Floats y) {
        float[] packed = weights.blocks(channels, terms, CHANNELS);
        int groups = IntMath.ceilDiv(n, PICTURES);
        Parallel.forChunks(
                channels.blocksOfGroup(CHANNELS) * groups * writtenSize,
                chunk -> {
                    int first = chunk / writtenSize % groups * PICTURES;
                    int count = Math.min(PICTURES, n - first);
                    int block = chunk / writtenSize / groups;
                    outputs(block, first, count, chunk % writtenSize, x, packed, y);
                });
    }

    /** One place of some pictures, in a block of channels. */
    private void outputs(
            int block,
            int first,
            int count,
            int written,
            HostBuffer.Floats x,
            float[] packed,
            HostBuffer.Floats y) {
        int in = channels.in();
        int[] pictureAt = FewTaps.multiples(count, in * readSize);
        int weights = block * (terms + 1) * CHANNELS;
        float[] sums = Scratch.OUTPUTS.floats(pictureAt.length * CHANNELS);
        for (int k = 0; k < pictureAt.length; k++) {
            System.arraycopy(packed, weights + terms * CHANNELS, sums, k * CHANNELS, CHANNELS);
        }
        for (int c = 0; c < in; c += DEPTH) {
            for (Read read : reads[written]) {
                WeightKernel.weights(
                        Math.min(DEPTH, in - c),
                        count,
                        x.array(),
                        x.offset() + (first * in + c) * readSize + read.place,
                        channelAt,
                        pictureAt,
                        packed,
                        weights + (read.tap * in + c) * CHANNELS,
                        CHANNELS,
                        sums,
                        0);
            }
        }
        Cut.off(limit, sums, 0, 1, count * CHANNELS, 0);
        float[] to = y.array();
        int width = Math.min(CHANNELS, channels.out() - block * CHANNELS);
        for (int k = 0; k < count; k++) {
            int channel = (first + k) * channels.out() + block * CHANNELS;
            int at = y.offset() + channel * writtenSize + written;
            for (int r = 0; r < width; r++) {
                to[at + r * writtenSize] = sums[k * CHANNELS + r];
            }
        }
    }
}
