package io.github.cortado.cuda;

import static java.util.Objects.requireNonNull;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import org.jspecify.annotations.Nullable;

/** Pooling: see {@code pool.cu}, or by cuDNN. */
interface CudaPooling extends CudaMemory {
    private void pool(Kernel kernel, Pool2dSpec s, int threads, Buffer... buffers) {
        if (threads == 0) {
            return;
        }
        Launch launch = gpu().launch(kernel, threads);
        for (Buffer b : buffers) {
            launch.pointer(b);
        }
        launch.struct()
                .putInt(s.n() * s.channels())
                .putInt(s.h())
                .putInt(s.w())
                .putInt(s.kernelH())
                .putInt(s.kernelW())
                .putInt(s.strideH())
                .putInt(s.strideW())
                .putInt(s.padH())
                .putInt(s.padW())
                .putInt(s.outH())
                .putInt(s.outW())
                .putInt(s.countIncludePad() ? 1 : 0);
        launch.run();
    }

    @Override
    default void maxPool2d(Buffer x, Buffer y, @Nullable Buffer index, Pool2dSpec s) {
        if (s.relu()) {
            // The kernel writes an index in any case.
            Buffer places = index == null ? empty(DType.UINT8, y.length()) : index;
            pool(Kernel.RELU_MAX_POOL, s, y.length(), x, y, places);
            if (index == null) {
                places.release("no gradient asks for it");
            }
            return;
        }
        Task task = Task.of(Op.MAX_POOL, s);
        choices()
                .run(
                        task,
                        () -> pool(Kernel.MAX_POOL, s, y.length(), x, y),
                        way -> choices().cudnn().pool(x, y, task),
                        x,
                        y);
    }

    @Override
    default void maxPool2dGrad(
            @Nullable Buffer x, @Nullable Buffer index, Buffer dy, Buffer dx, Pool2dSpec s) {
        if (x == null) {
            pool(Kernel.RELU_MAX_POOL_GRAD, s, dx.length(), dy, requireNonNull(index), dx);
            return;
        }
        Buffer from = x;
        Task task = Task.of(Op.MAX_POOL_GRAD, s);
        choices()
                .run(
                        task,
                        () -> pool(Kernel.MAX_POOL_GRAD, s, dx.length(), from, dy, dx),
                        way -> choices().cudnn().maxPoolGrad(from, dy, dx, task),
                        from,
                        dy,
                        dx);
    }

    @Override
    default void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        Task task = Task.of(Op.AVG_POOL, s);
        choices()
                .run(
                        task,
                        () -> pool(Kernel.AVG_POOL, s, y.length(), x, y),
                        way -> choices().cudnn().pool(x, y, task),
                        x,
                        y);
    }

    @Override
    default void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        Task task = Task.of(Op.AVG_POOL_GRAD, s);
        choices()
                .run(
                        task,
                        () -> pool(Kernel.AVG_POOL_GRAD, s, dx.length(), dy, dx),
                        way -> choices().cudnn().avgPoolGrad(dy, dx, task),
                        dy,
                        dx);
    }
}
