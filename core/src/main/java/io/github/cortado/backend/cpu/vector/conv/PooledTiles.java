package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.conv.Convolution.PooledProblem;
import org.jspecify.annotations.Nullable;

/**
 * Convolution, ReLU and 2 x 2 pooling in one sweep: a channel's outputs are pooled while they are
 * in the cache, and never written in full.
 */
final class PooledTiles implements Convolution.PooledForward {
    private final PooledProblem problem;
    private final Pass pass;

    PooledTiles(PooledProblem problem) {
        this.problem = problem;
        pass = PlanesForward.pass(problem.conv());
    }

    static @Nullable String obstacle(PooledProblem problem) {
        if (!problem.pool().isTwoByTwo() || !problem.pool().relu()) {
            return "windows are not 2 x 2 with ReLU";
        }
        if (Convolution.isFasterAlone(problem.conv())) {
            return "channels are many";
        }
        return PlanesForward.pass(problem.conv()).keepsPairsOfRows() ? null : "strips cut windows";
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y,
            HostBuffer.@Nullable Bytes index) {
        Weights weights = Weights.forward(problem.conv(), w, b, OutputKernel.CHANNELS);
        pass.runPooled(x, weights, y, index, problem.pool());
    }
}
