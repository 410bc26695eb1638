package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.vector.layout.Packing;

/** How a convolution's weights come into the order in which a kernel reads them. */
@FunctionalInterface
public interface ConvWeights {
    /**
     * Packs those of {@code width} output channels of a group from {@code c} on as [terms, lanes]
     * from {@code at} on, and writes their biases behind, where there are zeros.
     */
    void pack(int group, int c, int width, float[] packed, int at);

    /** Those of forward, for a kernel with so many lanes; bias may be empty. */
    static ConvWeights forward(
            Conv2dSpec spec, float[] w, int wOff, float[] bias, int biasOff, int lanes) {
        int terms = spec.inChannels() / spec.groups() * spec.kernelH() * spec.kernelW();
        int out = spec.outChannels() / spec.groups();
        return (group, c, width, packed, at) -> {
            int first = group * out + c;
            Packing.columns(w, wOff + first * terms, terms, terms, width, packed, at, lanes);
            if (bias.length > 0) {
                System.arraycopy(bias, biasOff + first, packed, at + terms * lanes, width);
            }
        };
    }
}
