package io.github.cortado.cuda;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Arithmetic and functions of one element: see {@code elementwise.cu} and {@code broadcast.cu};
 * ReLU also by cuDNN.
 */
interface CudaElementWise extends CudaMemory {
    /** Elements that a thread takes at a time where addresses are aligned. */
    int QUAD = 4;

    private Launch each(Kernel kernel, int n) {
        return gpu().launch(kernel, (n + QUAD - 1L) / QUAD);
    }

    private void map(Kernel kernel, Buffer x, Buffer y) {
        if (y.length() > 0) {
            each(kernel, y.length()).pointer(x).pointer(y).int32(y.length()).run();
        }
    }

    private void map(Kernel kernel, Buffer x, Buffer y, double... parameters) {
        if (y.length() > 0) {
            Launch launch = each(kernel, y.length()).pointer(x).pointer(y).int32(y.length());
            for (double p : parameters) {
                launch.float32(p);
            }
            launch.run();
        }
    }

    private void zip(Kernel kernel, Buffer a, Buffer b, Buffer y) {
        if (y.length() > 0) {
            each(kernel, y.length()).pointer(a).pointer(b).pointer(y).int32(y.length()).run();
        }
    }

    private void zip(Kernel kernel, Buffer a, Buffer b, Buffer y, double parameter) {
        if (y.length() > 0) {
            each(kernel, y.length())
                    .pointer(a)
                    .pointer(b)
                    .pointer(y)
                    .int32(y.length())
                    .float32(parameter)
                    .run();
        }
    }

    private void broadcast(
            Kernel kernel, CudaBuffer a, CudaBuffer b, CudaBuffer y, Broadcast walk) {
        int n = y.length();
        if (n == 0) {
            return;
        }
        int rank = walk.shape().length;
        if (rank > MAX_RANK) {
            int rows = walk.shape()[0];
            Broadcast inner =
                    new Broadcast(
                            Arrays.copyOfRange(walk.shape(), 1, rank),
                            Arrays.copyOfRange(walk.aStrides(), 1, rank),
                            Arrays.copyOfRange(walk.bStrides(), 1, rank));
            for (int i = 0; i < rows; i++) {
                int p = i * walk.aStrides()[0];
                int q = i * walk.bStrides()[0];
                broadcast(
                        kernel,
                        a.slice(p, a.length() - p),
                        b.slice(q, b.length() - q),
                        y.slice(i * (n / rows), n / rows),
                        inner);
            }
            return;
        }
        Launch launch =
                (walk.isElementwise() ? each(kernel, n) : gpu().launch(kernel, n))
                        .pointer(a)
                        .pointer(b)
                        .pointer(y)
                        .int32(n);
        ByteBuffer struct = launch.struct().putInt(rank);
        CudaMemory.putPadded(struct, walk.shape());
        CudaMemory.putPadded(struct, walk.aStrides());
        CudaMemory.putPadded(struct, walk.bStrides());
        launch.run();
    }

    private void broadcast(Kernel kernel, Buffer a, Buffer b, Buffer y, Broadcast walk) {
        broadcast(kernel, CudaMemory.cuda(a), CudaMemory.cuda(b), CudaMemory.cuda(y), walk);
    }

    @Override
    default void add(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        broadcast(Kernel.ADD, a, b, y, walk);
    }

    @Override
    default void sub(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        broadcast(Kernel.SUB, a, b, y, walk);
    }

    @Override
    default void mul(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        broadcast(Kernel.MUL, a, b, y, walk);
    }

    @Override
    default void div(Buffer a, Buffer b, Buffer y, Broadcast walk) {
        broadcast(Kernel.DIVIDE, a, b, y, walk);
    }

    @Override
    default void accumulate(Buffer x, Buffer y) {
        map(Kernel.ACCUMULATE, x, y);
    }

    @Override
    default void affine(Buffer x, Buffer y, double scale, double shift) {
        map(Kernel.AFFINE, x, y, scale, shift);
    }

    @Override
    default void exp(Buffer x, Buffer y) {
        map(Kernel.EXP_FORWARD, x, y);
    }

    @Override
    default void expGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(Kernel.EXP_GRAD, y, dy, dx);
    }

    @Override
    default void log(Buffer x, Buffer y) {
        map(Kernel.LOG_FORWARD, x, y);
    }

    @Override
    default void logGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(Kernel.LOG_GRAD, x, dy, dx);
    }

    @Override
    default void sqrt(Buffer x, Buffer y) {
        map(Kernel.SQRT_FORWARD, x, y);
    }

    @Override
    default void sqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(Kernel.SQRT_GRAD, y, dy, dx);
    }

    @Override
    default void rsqrt(Buffer x, Buffer y) {
        map(Kernel.RSQRT_FORWARD, x, y);
    }

    @Override
    default void rsqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(Kernel.RSQRT_GRAD, y, dy, dx);
    }

    @Override
    default void relu(Buffer x, Buffer y) {
        Task task = Task.of(Op.RELU, new Task.Elements(y.length()));
        choices()
                .run(
                        task,
                        () -> map(Kernel.RELU, x, y),
                        way -> choices().cudnn().relu(x, y, task),
                        x,
                        y);
    }

    @Override
    default void reluGrad(Buffer y, Buffer dy, Buffer dx) {
        Task task = Task.of(Op.RELU_GRAD, new Task.Elements(dx.length()));
        choices()
                .run(
                        task,
                        () -> zip(Kernel.RELU_GRAD, y, dy, dx, 1),
                        way -> choices().cudnn().reluGrad(y, dy, dx, task),
                        y,
                        dy,
                        dx);
    }

    @Override
    default void dropoutOfReluGrad(Buffer y, Buffer dy, Buffer dx, double p) {
        zip(Kernel.RELU_GRAD, y, dy, dx, 1 / (1 - p));
    }

    @Override
    default void leakyRelu(Buffer x, Buffer y, double slope) {
        map(Kernel.LEAKY_RELU, x, y, slope);
    }

    @Override
    default void leakyReluGrad(Buffer x, Buffer dy, Buffer dx, double slope) {
        zip(Kernel.LEAKY_RELU_GRAD, x, dy, dx, slope);
    }

    @Override
    default void elu(Buffer x, Buffer y, double alpha) {
        map(Kernel.ELU, x, y, alpha);
    }

    @Override
    default void eluGrad(Buffer x, Buffer dy, Buffer dx, double alpha) {
        zip(Kernel.ELU_GRAD, x, dy, dx, alpha);
    }

    @Override
    default void sigmoid(Buffer x, Buffer y) {
        map(Kernel.SIGMOID, x, y);
    }

    @Override
    default void sigmoidGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(Kernel.SIGMOID_GRAD, y, dy, dx);
    }

    @Override
    default void tanh(Buffer x, Buffer y) {
        map(Kernel.TANH_FORWARD, x, y);
    }

    @Override
    default void tanhGrad(Buffer y, Buffer dy, Buffer dx) {
        zip(Kernel.TANH_GRAD, y, dy, dx);
    }

    @Override
    default void gelu(Buffer x, Buffer y) {
        map(Kernel.GELU, x, y);
    }

    @Override
    default void geluGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(Kernel.GELU_GRAD, x, dy, dx);
    }

    @Override
    default void silu(Buffer x, Buffer y) {
        map(Kernel.SILU, x, y);
    }

    @Override
    default void siluGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(Kernel.SILU_GRAD, x, dy, dx);
    }

    @Override
    default void softplus(Buffer x, Buffer y) {
        map(Kernel.SOFTPLUS, x, y);
    }

    @Override
    default void softplusGrad(Buffer x, Buffer dy, Buffer dx) {
        zip(Kernel.SOFTPLUS_GRAD, x, dy, dx);
    }
}
