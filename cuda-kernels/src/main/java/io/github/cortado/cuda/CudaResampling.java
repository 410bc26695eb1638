package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.Resample2dSpec.Mode;
import java.nio.ByteBuffer;

/** Pictures of other sizes: {@code resample.cu}. */
interface CudaResampling extends CudaMemory {
    @Override
    default void resample2d(Buffer x, Buffer y, Resample2dSpec s) {
        resample(Kernel.RESAMPLE2D, x, y, s);
    }

    @Override
    default void resample2dGrad(Buffer dy, Buffer dx, Resample2dSpec s) {
        resample(Kernel.RESAMPLE2D_GRAD, dy, dx, s);
    }

    private void resample(Kernel kernel, Buffer from, Buffer to, Resample2dSpec s) {
        if (to.length() == 0) {
            return;
        }
        Launch launch = gpu().launch(kernel, to.length()).pointer(from).pointer(to);
        ByteBuffer struct = launch.struct().putInt(s.planes());
        line(struct, s.h(), s.outH(), s.mode());
        line(struct, s.w(), s.outW(), s.mode());
        launch.run();
    }

    /** A line of {@code size} elements made of one of n. */
    private static void line(ByteBuffer struct, int n, int size, Mode mode) {
        float scale = mode == Mode.CORNERS ? (n - 1f) / Math.max(1, size - 1) : (float) n / size;
        struct.putInt(n).putInt(size).putFloat(scale).putInt(mode.ordinal());
    }
}
