package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import org.jspecify.annotations.Nullable;

/** What comes after a product of a library that does not do it itself: see {@code bias.cu}. */
final class Epilogue {
    private Epilogue() {}

    /** y[o, c, i] = y[o, c, i] + b[c], then max(., 0) where {@code relu}; in place. */
    static void run(Gpu gpu, Buffer y, @Nullable Buffer b, int channels, int inner, boolean relu) {
        int n = y.length();
        if (b != null) {
            Launch launch = gpu.launch(Kernel.BIAS_RELU, n).pointer(y).pointer(b).int32(n);
            CudaConvolution.putDivisor(launch.struct(), inner);
            CudaConvolution.putDivisor(launch.struct(), channels);
            launch.int32(relu ? 1 : 0).run();
        } else if (relu) {
            long quads = (n + ByHand.QUAD - 1L) / ByHand.QUAD;
            gpu.launch(Kernel.RELU, quads).pointer(y).pointer(y).int32(n).run();
        }
    }
}
