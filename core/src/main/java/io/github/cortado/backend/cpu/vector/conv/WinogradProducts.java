package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The products M = U V of {@link WinogradOutputs}. Where registers are 16, two vectors of tiles are
 * a panel ({@link WinogradPanels}), which all blocks of channels read ({@link PanelKernel}).
 */
final class WinogradProducts {
    private static final int BLOCK = OutputKernel.CHANNELS;
    private static final float[] NO_BIAS = new float[BLOCK];

    private final int in;
    private final int ld;
    private final int blockLength;

    /** Floats from a panel to the next; 0 without panels. */
    private final int panel;

    /** Where each input channel lies in the transformed inputs. */
    private final int[] distance;

    /**
     * Products over {@code in} input channels.
     *
     * @param ld floats from the tiles of a channel to those of the next
     * @param blockLength floats from the weights of a block of output channels to the next
     * @param panels how inputs lie; null for [channel, tile]
     */
    WinogradProducts(int in, int ld, int blockLength, @Nullable WinogradPanels panels) {
        this.in = in;
        this.ld = ld;
        this.blockLength = blockLength;
        panel = panels == null ? 0 : panels.panel();
        int apart = panels == null ? ld : PanelKernel.WIDTH;
        distance = new int[in];
        Arrays.setAll(distance, i -> i * apart);
    }

    /**
     * One of the products: m[o, t] = sum over i of u[o, i] v[i, t] for some output channels, and
     * for some beyond, up to a whole block, and all tiles of a group.
     */
    void run(int channels, int tiles, float[] u, int uOff, float[] v, int vOff, float[] m, int to) {
        int t = 0;
        int from = vOff;
        for (; panel > 0 && t < tiles - VL; t += PanelKernel.WIDTH) {
            for (int o = 0; o < channels; o += BLOCK) {
                int w = uOff + o / BLOCK * blockLength;
                int at = to + o * ld + t;
                PanelKernel.outputs(BLOCK, in, u, w, NO_BIAS, 0, v, from, m, at, ld);
            }
            from += panel;
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
                    from,
                    distance,
                    m,
                    to + o * ld + t,
                    ld);
        }
    }
}
