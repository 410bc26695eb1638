package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.PanelKernel.WIDTH;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * How the transformed inputs of a group lie where registers are 16: [product, two vectors of tiles,
 * channel, tile], panels that {@link PanelKernel} reads for all output channels. A channel is
 * transformed row by row in a near cache, and copied to the panels from there.
 *
 * @param products of a tile
 * @param in channels
 * @param ld room for the tiles of a channel
 */
record WinogradPanels(int products, int in, int ld) {
    /** The panels of a convolution; null where inputs are read as [product, channel, tile]. */
    static @Nullable WinogradPanels of(Winograd c) {
        return MANY_REGISTERS ? null : new WinogradPanels(c.form().products(), c.in(), c.ld());
    }

    /** Floats from a panel to the next: not a power of two. */
    int panel() {
        return (in + 1) * WIDTH;
    }

    /** Floats from a product to the next. */
    int step() {
        return IntMath.ceilDiv(ld, WIDTH) * panel();
    }

    /** Where a channel is transformed, its products {@link #ld} apart. */
    float[] rows() {
        return Scratch.ROW.floats(products * ld + VL);
    }

    /** Copies a channel's transformed tiles, and some beyond, to the panels. */
    void put(float[] rows, int channel, int tiles, float[] to) {
        for (int e = 0; e < products; e++) {
            int at = e * step() + channel * WIDTH;
            for (int t = 0; t < tiles; t += WIDTH) {
                int from = e * ld + t;
                FloatVector.fromArray(SPECIES, rows, from).intoArray(to, at);
                FloatVector.fromArray(SPECIES, rows, from + VL).intoArray(to, at + VL);
                at += panel();
            }
        }
    }
}
