package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import org.jspecify.annotations.Nullable;

/** How a convolution's weights come into the order in which a kernel reads them. */
@FunctionalInterface
interface Weights {
    /**
     * Packs those of {@code width} output channels of a group from {@code c} on as [terms, lanes]
     * from {@code at} on, and writes their biases behind, where there are zeros.
     */
    void pack(int group, int c, int width, float[] packed, int at);

    /** Those of forward, for a kernel with so many lanes. */
    static Weights forward(
            Conv2dSpec s, HostBuffer.Floats w, HostBuffer.@Nullable Floats b, int lanes) {
        int terms = InputPlanes.terms(s);
        int out = s.outChannels() / s.groups();
        return (group, c, width, packed, at) -> {
            int first = group * out + c;
            int from = w.offset() + first * terms;
            Packing.columns(w.array(), from, terms, terms, width, packed, at, lanes);
            if (b != null) {
                int biasAt = at + terms * lanes;
                System.arraycopy(b.array(), b.offset() + first, packed, biasAt, width);
            }
        };
    }
}
