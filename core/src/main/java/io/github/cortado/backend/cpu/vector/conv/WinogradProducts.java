package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.MANY_REGISTERS;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The products M = U V of {@link WinogradOutputs}. Where registers are 16, inputs of two vectors of
 * tiles are copied to a panel, which all blocks of channels then read ({@link PanelKernel}); else
 * they are read where they lie ({@link OutputKernel}).
 *
 * <p>The caller has the scratch array PLANES.
 */
final class WinogradProducts {
    private static final int BLOCK = OutputKernel.CHANNELS;
    private static final float[] NO_BIAS = new float[BLOCK];

    private final int in;
    private final int ld;
    private final int blockLength;

    /** Where each input channel lies in the transformed inputs. */
    private final int[] distance;

    /**
     * Products over {@code in} input channels.
     *
     * @param ld floats from the tiles of a channel to those of the next
     * @param blockLength floats from the weights of a block of output channels to the next
     */
    WinogradProducts(int in, int ld, int blockLength) {
        this.in = in;
        this.ld = ld;
        this.blockLength = blockLength;
        distance = new int[in];
        Arrays.setAll(distance, i -> i * ld);
    }

    /**
     * One of the products: m[o, t] = sum over i of u[o, i] v[i, t] for some output channels, and
     * for some beyond, up to a whole block, and all tiles of a group.
     */
    void run(int channels, int tiles, float[] u, int uOff, float[] v, int vOff, float[] m, int to) {
        int t = 0;
        if (!MANY_REGISTERS) {
            float[] panel = Scratch.PLANES.floats(in * PanelKernel.WIDTH);
            for (; t < tiles - VL; t += PanelKernel.WIDTH) {
                layOut(v, vOff + t, panel);
                for (int o = 0; o < channels; o += BLOCK) {
                    int w = uOff + o / BLOCK * blockLength;
                    int at = to + o * ld + t;
                    PanelKernel.outputs(BLOCK, in, u, w, NO_BIAS, 0, panel, 0, m, at, ld);
                }
            }
        }
        for (int o = 0; o < channels && t < tiles; o += BLOCK) {
            OutputKernel.outputs(
                    BLOCK,
                    tiles - t,
                    in,
                    u,
                    uOff + o / BLOCK * blockLength,
                    NO_BIAS,
                    0,
                    v,
                    vOff + t,
                    distance,
                    m,
                    to + o * ld + t,
                    ld);
        }
    }

    /** The inputs of two vectors of tiles as a panel. */
    private void layOut(float[] v, int at, float[] panel) {
        for (int i = 0; i < in; i++) {
            int from = at + i * ld;
            int to = i * PanelKernel.WIDTH;
            FloatVector.fromArray(SPECIES, v, from).intoArray(panel, to);
            FloatVector.fromArray(SPECIES, v, from + VL).intoArray(panel, to + VL);
        }
    }
}
