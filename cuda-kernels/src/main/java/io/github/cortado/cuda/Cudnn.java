package io.github.cortado.cuda;

import static jcuda.jcudnn.JCudnn.cudnnActivationBackward;
import static jcuda.jcudnn.JCudnn.cudnnActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.JCudnn.cudnnDropoutForward;
import static jcuda.jcudnn.JCudnn.cudnnDropoutGetReserveSpaceSize;
import static jcuda.jcudnn.JCudnn.cudnnDropoutGetStatesSize;
import static jcuda.jcudnn.JCudnn.cudnnGetErrorString;
import static jcuda.jcudnn.JCudnn.cudnnGetVersion;
import static jcuda.jcudnn.JCudnn.cudnnPoolingBackward;
import static jcuda.jcudnn.JCudnn.cudnnPoolingForward;
import static jcuda.jcudnn.JCudnn.cudnnSetDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetStream;
import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_RELU;
import static jcuda.jcudnn.cudnnNanPropagation.CUDNN_PROPAGATE_NAN;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.List;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * cuDNN on our stream, by what its manual calls the legacy API: convolution, pooling, ReLU and
 * dropout of float32 [n, c, h, w]. Plans are made when a size is first met, and never while a step
 * is being recorded: it would have to ask cuDNN for advice, which may do anything on the GPU.
 */
final class Cudnn implements AutoCloseable {
    /** Addresses that cuDNN gets are multiples of this: what kernels with wide accesses want. */
    static final int ALIGNMENT = 16;

    /** Sizes whose plans are kept; a plan is a few hundred bytes on the host. */
    private static final int MOST_PLANS = 512;

    /**
     * Statuses come in thousands since cuDNN 9; these say that it has no code for what is asked.
     */
    private static final int NOT_SUPPORTED = 3;

    /**
     * These say that it is not there, or a part of it: 1001 not initialised, 1002 a part of another
     * version, 1005 no licence, 1008 a part that cannot be loaded, and the like. Source:
     * cudnnStatus_t in cudnn_graph.h.
     */
    private static final int NOT_THERE = 1;

    /** Of that kind, where the status itself is not known. */
    static final int UNKNOWN = 1000;

    private final Gpu gpu;
    private final boolean deterministic;
    private final cudnnHandle handle;
    private final Scalars scalars;
    private final Descriptors own = new Descriptors();
    private final cudnnActivationDescriptor relu;
    private final cudnnDropoutDescriptor dropout;
    private final Recent<Task, Plan> plans = new Recent<>(MOST_PLANS, Plan::close);

    /**
     * Starts cuDNN, whose binding must be loaded.
     *
     * @param deterministic whether every sum must have a fixed order
     * @throws CudaException saying what it answered
     */
    Cudnn(Gpu gpu, boolean deterministic) {
        this.gpu = gpu;
        this.deterministic = deterministic;
        try (Gpu.Turn t = gpu.turn()) {
            gpu.notWhileRecording("starting cuDNN");
            handle = create();
            scalars = new Scalars();
            check(cudnnSetStream(handle, new cudaStream_t(gpu.stream())), "setting its stream");
            relu = own.activation(CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN);
            dropout = own.dropout();
        }
    }

    private static cudnnHandle create() {
        cudnnHandle made = new cudnnHandle();
        check(cudnnCreate(made), "starting cuDNN");
        return made;
    }

    /** Such as 92400 for 9.24.0. */
    static long version() {
        return cudnnGetVersion();
    }

    cudnnHandle handle() {
        return handle;
    }

    Scalars scalars() {
        return scalars;
    }

    boolean isDeterministic() {
        return deterministic;
    }

    /**
     * Passes if {@code status} is success.
     *
     * @throws CudaException with the status as the library itself words it, since the jar's names
     *     are of an older numbering
     */
    static void check(int status, String what) {
        if (status != 0) {
            throw new CudaException(what + ": " + cudnnGetErrorString(status), status);
        }
    }

    static boolean isNotSupported(int status) {
        return status / 1000 == NOT_SUPPORTED;
    }

    static boolean isNotThere(int status) {
        return status / 1000 == NOT_THERE;
    }

    // Plans

    /** What is made once for a size. */
    interface Plan extends AutoCloseable {
        /** The ways that cuDNN has to compute it, its favourite first; none if it cannot. */
        List<Way> ways();

        @Override
        void close();
    }

    /** Of what cuDNN cannot describe. */
    private record Nothing(List<Way> ways) implements Plan {
        @Override
        public void close() {}
    }

    private record Pooling(
            Descriptors all,
            cudnnPoolingDescriptor pooling,
            cudnnTensorDescriptor x,
            cudnnTensorDescriptor y,
            List<Way> ways)
            implements Plan {
        @Override
        public void close() {
            all.close();
        }
    }

    /** A run of elements. */
    private record Line(Descriptors all, cudnnTensorDescriptor x, List<Way> ways) implements Plan {
        @Override
        public void close() {
            all.close();
        }
    }

    /**
     * The ways that cuDNN has to compute this, its favourite first; none if it cannot.
     *
     * @throws IllegalStateException if it is first met while a step is being recorded
     */
    List<Way> ways(Task task) {
        // cuDNN knows no empty tensors.
        return task.work() == 0 ? List.of() : plan(task).ways();
    }

    private Plan plan(Task task) {
        Task key = task.bare();
        Plan plan = plans.get(key);
        if (plan == null) {
            gpu.notWhileRecording("making cuDNN's plan for " + key);
            plan = make(key);
            plans.put(key, plan);
        }
        return plan;
    }

    private Plan make(Task task) {
        Descriptors all = new Descriptors();
        try {
            return switch (task.op().family()) {
                case CONV -> new CudnnConvolution(this, gpu, all, task);
                case POOL -> pooling(all, task.op(), (Pool2dSpec) task.spec());
                default -> line(all, ((Task.Elements) task.spec()).n());
            };
        } catch (CudaException e) {
            all.close();
            if (isNotSupported(e.status())) {
                return new Nothing(List.of());
            }
            throw e;
        }
    }

    private static Pooling pooling(Descriptors all, Op op, Pool2dSpec s) {
        boolean max = op == Op.MAX_POOL || op == Op.MAX_POOL_GRAD;
        int mean =
                s.countIncludePad()
                        ? CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING
                        : CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
        var pooling = all.pooling(s, max ? CUDNN_POOLING_MAX_DETERMINISTIC : mean);
        var x = all.tensor(s.n(), s.channels(), s.h(), s.w());
        var y = all.tensor(s.n(), s.channels(), s.outH(), s.outW());
        int[] output = {s.n(), s.channels(), s.outH(), s.outW()};
        boolean agrees = Arrays.equals(output, Descriptors.outputOf(pooling, x));
        return new Pooling(all, pooling, x, y, agrees ? List.of(Way.CUDNN) : List.of());
    }

    private static Line line(Descriptors all, int n) {
        return new Line(all, all.tensor(1, 1, 1, n), List.of(Way.CUDNN));
    }

    // Convolution

    /** y = conv(x, w) + b, then max(., 0) where the task says so. */
    void forward(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Task task, Way way) {
        ((CudnnConvolution) plan(task)).forward(x, w, b, y, task.relu(), way);
    }

    /** Convolves something small, so that what cannot be loaded is known. */
    void tryOut() {
        Conv2dSpec s = new Conv2dSpec(1, 1, 8, 8, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        Task task = new Task(Op.CONV, s, false, false, false);
        List<Way> ways = ways(task);
        if (!ways.isEmpty()) {
            CudaBuffer x = gpu.zeros(DType.FLOAT32, s.h() * s.w());
            CudaBuffer w = gpu.zeros(DType.FLOAT32, s.kernelH() * s.kernelW());
            CudaBuffer y = gpu.empty(DType.FLOAT32, s.outputSize());
            try {
                forward(x, w, null, y, task, ways.get(0));
            } finally {
                for (CudaBuffer b : List.of(x, w, y)) {
                    b.release("cuDNN was tried with it");
                }
            }
        }
    }

    /** dx, from dy and w. */
    void gradInput(Buffer dy, Buffer w, Buffer dx, Task task, Way way) {
        ((CudnnConvolution) plan(task)).gradInput(dy, w, dx, way);
    }

    /** dw and, where asked for, db, from x and dy. */
    void gradWeight(Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Task task, Way way) {
        ((CudnnConvolution) plan(task)).gradWeight(x, dy, dw, db, way);
    }

    // Pooling

    /** y = the largest, which a NaN counts as, or the mean of each window. */
    void pool(Buffer x, Buffer y, Task task) {
        Pooling p = (Pooling) plan(task);
        pool(p, raw(x), raw(y));
    }

    private void pool(Pooling p, Raw x, Raw y) {
        check(
                cudnnPoolingForward(handle, p.pooling, scalars.one, p.x, x, scalars.zero, p.y, y),
                "cuDNN's pooling");
    }

    /**
     * dx from dy; which elements are the largest it finds by pooling x again. Of equal ones, and of
     * several NaN, always the same gets the gradient; that it is the first, as with our kernels,
     * the manual does not say.
     */
    void maxPoolGrad(Buffer x, Buffer dy, Buffer dx, Task task) {
        Pooling p = (Pooling) plan(task);
        CudaBuffer y = gpu.empty(DType.FLOAT32, dy.length());
        pool(p, raw(x), raw(y));
        poolGrad(p, raw(y), raw(dy), raw(x), raw(dx));
        y.release("it held maxima for a gradient");
    }

    /** dx from dy. */
    void avgPoolGrad(Buffer dy, Buffer dx, Task task) {
        // A mean's gradient needs neither x nor y, which cuDNN wants all the same.
        poolGrad((Pooling) plan(task), raw(dy), raw(dy), raw(dx), raw(dx));
    }

    private void poolGrad(Pooling p, Raw y, Raw dy, Raw x, Raw dx) {
        check(
                cudnnPoolingBackward(
                        handle,
                        p.pooling,
                        scalars.one,
                        p.y,
                        y,
                        p.y,
                        dy,
                        p.x,
                        x,
                        scalars.zero,
                        p.x,
                        dx),
                "cuDNN's gradient of a pooling");
    }

    // ReLU

    /** y = max(x, 0). */
    void relu(Buffer x, Buffer y, Task task) {
        cudnnTensorDescriptor n = ((Line) plan(task)).x;
        check(
                cudnnActivationForward(
                        handle, relu, scalars.one, n, raw(x), scalars.zero, n, raw(y)),
                "cuDNN's ReLU");
    }

    /** dx = dy where y > 0, else 0. */
    void reluGrad(Buffer y, Buffer dy, Buffer dx, Task task) {
        cudnnTensorDescriptor n = ((Line) plan(task)).x;
        // y stands for x as well: both are above 0 at the same places.
        check(
                cudnnActivationBackward(
                        handle,
                        relu,
                        scalars.one,
                        n,
                        raw(y),
                        n,
                        raw(dy),
                        n,
                        raw(y),
                        scalars.zero,
                        n,
                        raw(dx)),
                "cuDNN's gradient of a ReLU");
    }

    // Dropout

    /**
     * y = x / (1 - p) where cuDNN's own generator keeps the element, else 0. The generator is begun
     * anew from the numbers that the seam's stream depends on, so that the mask is a function of
     * them here too, and the method its own gradient; but it is another mask. Setting it up is work
     * for the GPU at every call, and cannot be recorded.
     */
    void dropout(Buffer x, Buffer y, float p, RandomStream stream, Task task) {
        gpu.notWhileRecording("cuDNN's dropout, which " + Family.DROPOUT.property() + " asks for,");
        cudnnTensorDescriptor n = ((Line) plan(task)).x;
        long[] bytes = new long[1];
        check(cudnnDropoutGetStatesSize(handle, bytes), "asking for dropout's states");
        CudaBuffer states = gpu.empty(DType.UINT8, Math.toIntExact(bytes[0]));
        check(cudnnDropoutGetReserveSpaceSize(n, bytes), "asking for dropout's mask");
        CudaBuffer mask = gpu.empty(DType.UINT8, Math.toIntExact(bytes[0]));
        check(
                cudnnSetDropoutDescriptor(
                        dropout, handle, p, raw(states), states.bytes(), seed(stream)),
                "setting up cuDNN's dropout");
        check(
                cudnnDropoutForward(handle, dropout, n, raw(x), n, raw(y), raw(mask), mask.bytes()),
                "cuDNN's dropout");
        mask.release("it was cuDNN's mask of a dropout");
        states.release("it was the state of cuDNN's generator");
    }

    /** The first two words of the stream that decides over our own masks. */
    private static long seed(RandomStream s) {
        var stream = Streams.dropout(s.seed(), s.ordinal(), s.forward().asLong());
        return ((long) stream.word(0) << 32) | (stream.word(1) & 0xffffffffL);
    }

    private static Raw raw(Buffer b) {
        return new Raw(Gpu.address(b));
    }

    @Override
    public void close() {
        try (Gpu.Turn t = gpu.turn()) {
            gpu.synchronize();
            plans.clear();
            own.close();
            check(cudnnDestroy(handle), "ending cuDNN");
            scalars.close();
        }
    }
}
