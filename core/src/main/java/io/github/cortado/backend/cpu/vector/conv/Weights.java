package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Packed;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a convolution's weights come into the order in which a kernel reads them. */
@FunctionalInterface
interface Weights {
    /** Packing so many floats takes longer than to hand it over. */
    int SHARED_PACKING = 1 << 13;

    /**
     * Packs those of {@code width} output channels of a group from {@code c} on as [terms, lanes]
     * from {@code at} on, and writes their biases behind, where there are zeros.
     */
    void pack(int group, int c, int width, float[] packed, int at);

    /** An array that {@code pack} has filled, where such a one is kept; else null. */
    default float @Nullable [] kept(int length, Consumer<float[]> pack) {
        return null;
    }

    /** Those of forward, for a kernel with so many lanes. */
    static Weights forward(
            Conv2dSpec s, HostBuffer.Floats w, HostBuffer.@Nullable Floats b, int lanes) {
        return new Forward(
                w, b, lanes, s.groups(), s.outChannels() / s.groups(), InputPlanes.terms(s));
    }

    /** All of them, block by block of {@code lanes} channels of a group. */
    default float[] blocks(Channels channels, int terms, int lanes) {
        int blocks = channels.groups() * channels.blocksOfGroup(lanes);
        int length = (terms + 1) * lanes;
        float[] kept = kept(channels, terms, lanes);
        if (kept != null) {
            return kept;
        }
        float[] packed = Scratch.WEIGHTS.floats(blocks * length);
        blocks(channels, terms, lanes, packed);
        return packed;
    }

    /** The same where they are kept, else null. */
    default float @Nullable [] kept(Channels channels, int terms, int lanes) {
        int blocks = channels.groups() * channels.blocksOfGroup(lanes);
        return kept(blocks * (terms + 1) * lanes, packed -> blocks(channels, terms, lanes, packed));
    }

    private void blocks(Channels channels, int terms, int lanes, float[] packed) {
        int blocks = channels.groups() * channels.blocksOfGroup(lanes);
        int length = (terms + 1) * lanes;
        if (blocks * length < SHARED_PACKING) {
            for (int block = 0; block < blocks; block++) {
                block(channels, block, terms, lanes, packed, block * length);
            }
        } else {
            Parallel.forChunks(
                    blocks, block -> block(channels, block, terms, lanes, packed, block * length));
        }
    }

    /** A block as [terms, lanes], and a vector of biases, 0 where there is none. */
    default void block(Channels channels, int block, int terms, int lanes, float[] packed, int at) {
        int ofGroup = channels.blocksOfGroup(lanes);
        int c = block % ofGroup * lanes;
        int biasAt = at + terms * lanes;
        Arrays.fill(packed, biasAt, biasAt + lanes, 0f);
        pack(block / ofGroup, c, Math.min(lanes, channels.out() - c), packed, at);
    }

    /**
     * Weights [out, terms] as forward reads them.
     *
     * @param out channels of a group
     */
    record Forward(
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            int lanes,
            int groups,
            int out,
            int terms)
            implements Weights {
        @Override
        public void pack(int group, int c, int width, float[] packed, int at) {
            int first = group * out + c;
            int from = w.offset() + first * terms;
            Packing.columns(w.array(), from, terms, terms, width, packed, at, lanes);
            if (b != null) {
                int biasAt = at + terms * lanes;
                System.arraycopy(b.array(), b.offset() + first, packed, biasAt, width);
            }
        }

        @Override
        public float @Nullable [] kept(int length, Consumer<float[]> pack) {
            return Packed.kept(w, b, List.of(lanes, groups, out, terms), length, pack);
        }
    }
}
