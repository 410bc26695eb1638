package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import org.jspecify.annotations.Nullable;

/**
 * Forward on padded planes, without im2col: pictures are laid out with zero borders ({@link
 * Planes}), in which any stride or dilation makes a tap a constant distance; a register tile of 8
 * output channels by 3 vectors of neighbouring outputs then sums over input channels and taps
 * ({@link OutputKernel}). Garbage outputs between the rows cost 3 % at 32x32, 6 % at 16x16 and 11 %
 * at 8x8.
 */
final class PlanesForward implements Convolution.Forward {
    private final Conv2dSpec conv;
    private final Pass pass;
    private final OutputGrid grid;

    PlanesForward(Conv2dSpec conv) {
        this.conv = conv;
        pass = pass(conv);
        grid = OutputGrid.dense(conv);
    }

    /** The sweep that computes the outputs of forward. */
    static Pass pass(Conv2dSpec conv) {
        Channels channels = Channels.forward(conv);
        Planes planes = InputPlanes.of(conv, Pass.pieces(conv.n(), channels));
        int[] distances = InputPlanes.distances(conv, planes, InputPlanes.terms(conv));
        return new Pass(planes, conv.n(), channels, distances, conv.limit());
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y) {
        pass.run(x, Weights.forward(conv, w, b, OutputKernel.CHANNELS), grid, y);
    }
}
