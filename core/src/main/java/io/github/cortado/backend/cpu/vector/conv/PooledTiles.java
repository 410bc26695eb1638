package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Convolution, ReLU and 2 x 2 pooling in one sweep: a channel's outputs are pooled while they are
 * in the cache, and never written in full.
 */
final class PooledTiles implements Convolution.PooledForward {
    private final ConvPoolSpec spec;
    private final Pass pass;

    PooledTiles(ConvPoolSpec spec) {
        this.spec = spec;
        pass = PlanesForward.pass(spec.conv());
    }

    static @Nullable String obstacle(ConvPoolSpec spec) {
        if (!spec.pool().isTwoByTwo()) {
            return "windows are not 2 x 2";
        }
        return PlanesForward.pass(spec.conv()).keepsPairsOfRows() ? null : "strips cut windows";
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y,
            HostBuffer.@Nullable Bytes index) {
        Weights weights = Weights.forward(spec.conv(), w, b, OutputKernel.CHANNELS);
        pass.runPooled(x, weights, y, index, spec.pool());
    }
}
