package io.github.cortado.cuda;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardBias;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardData;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardFilter;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBiasActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY;
import static jcuda.jcudnn.cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
import static jcuda.jcudnn.cudnnMathType.CUDNN_DEFAULT_MATH;
import static jcuda.jcudnn.cudnnMathType.CUDNN_FMA_MATH;
import static jcuda.jcudnn.cudnnNanPropagation.CUDNN_NOT_PROPAGATE_NAN;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import java.util.Arrays;
import java.util.List;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * cuDNN's plan for a convolution or one of its gradients, of one size: descriptors, and which of
 * its algorithms may compute it.
 *
 * <p>The workspace of a call is taken from the backend's memory and given back at once, as our own
 * kernels do with theirs: on one stream whoever takes it next comes after. In a recorded step it is
 * of the step's arena, which lives as long as the graph that writes to it.
 */
final class CudnnConvolution implements Cudnn.Plan {
    private final Gpu gpu;
    private final cudnnHandle handle;
    private final Scalars scalars;
    private final Descriptors descriptors;
    private final Conv2dSpec spec;
    final cudnnTensorDescriptor x;
    final cudnnFilterDescriptor w;
    final cudnnTensorDescriptor y;
    final cudnnConvolutionDescriptor convolution;
    private final cudnnTensorDescriptor bias;
    private final cudnnActivationDescriptor identity;
    private final List<ConvolutionAlgorithm> algorithms;

    CudnnConvolution(Cudnn cudnn, Gpu gpu, Descriptors descriptors, Task task) {
        this.gpu = gpu;
        this.descriptors = descriptors;
        this.handle = cudnn.handle();
        this.scalars = cudnn.scalars();
        Conv2dSpec s = (Conv2dSpec) task.spec();
        this.spec = s;
        x = descriptors.tensor(s.n(), s.inChannels(), s.h(), s.w());
        w = descriptors.filter(s);
        y = descriptors.tensor(s.n(), s.outChannels(), s.outH(), s.outW());
        bias = descriptors.tensor(1, s.outChannels(), 1, 1);
        // cuDNN's default rounds to TF32 where it can, and never to half precision.
        convolution = descriptors.convolution(s, task.tf32() ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH);
        identity = descriptors.activation(CUDNN_ACTIVATION_IDENTITY, CUDNN_NOT_PROPAGATE_NAN);
        int[] output = {s.n(), s.outChannels(), s.outH(), s.outW()};
        algorithms =
                Arrays.equals(output, Descriptors.outputOf(convolution, x, w))
                        ? ConvolutionAlgorithm.of(task.op(), this, handle, cudnn.isDeterministic())
                        : List.of();
    }

    @Override
    public List<Way> ways() {
        return algorithms.stream().map(a -> new Way(Library.CUDNN, a.number())).toList();
    }

    private ConvolutionAlgorithm algorithm(Way way) {
        return algorithms.stream()
                .filter(a -> way.algorithm() == Way.ANY || a.number() == way.algorithm())
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        way + " cannot compute " + spec + ", but " + algorithms));
    }

    /** One call with the algorithm and a workspace of the size that it wants. */
    private interface Call {
        int with(int algorithm, Raw workspace, long bytes);
    }

    private void call(ConvolutionAlgorithm a, Call call) {
        CudaBuffer workspace = gpu.empty(DType.UINT8, Math.toIntExact(a.workspace()));
        int status = call.with(a.number(), new Raw(workspace.address()), workspace.bytes());
        workspace.release("it was cuDNN's workspace");
        Cudnn.check(status, "cuDNN's convolution " + spec + " by algorithm " + a.number());
    }

    /** y = conv(x, w) + b, then max(., 0) where {@code relu}. */
    void forward(Buffer from, Buffer weight, @Nullable Buffer b, Buffer to, boolean relu, Way way) {
        ConvolutionAlgorithm a = algorithm(way);
        Raw xs = new Raw(Gpu.address(from));
        Raw ws = new Raw(Gpu.address(weight));
        Raw ys = new Raw(Gpu.address(to));
        // One algorithm adds a bias itself. cuDNN has a ReLU for it too, but that one turns NaN
        // into 0; ours, in the same pass as the bias, keeps it.
        if (b != null && !relu && a.number() == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM) {
            Raw bs = new Raw(Gpu.address(b));
            call(
                    a,
                    (algorithm, workspace, bytes) ->
                            cudnnConvolutionBiasActivationForward(
                                    handle,
                                    scalars.one,
                                    x,
                                    xs,
                                    w,
                                    ws,
                                    convolution,
                                    algorithm,
                                    workspace,
                                    bytes,
                                    scalars.zero,
                                    y,
                                    ys,
                                    bias,
                                    bs,
                                    identity,
                                    y,
                                    ys));
            return;
        }
        call(
                a,
                (algorithm, workspace, bytes) ->
                        cudnnConvolutionForward(
                                handle,
                                scalars.one,
                                x,
                                xs,
                                w,
                                ws,
                                convolution,
                                algorithm,
                                workspace,
                                bytes,
                                scalars.zero,
                                y,
                                ys));
        Epilogue.run(gpu, to, b, spec.outChannels(), spec.outH() * spec.outW(), relu);
    }

    /** dx, from dy and w. */
    void gradInput(Buffer dy, Buffer weight, Buffer dx, Way way) {
        Raw dys = new Raw(Gpu.address(dy));
        Raw ws = new Raw(Gpu.address(weight));
        Raw dxs = new Raw(Gpu.address(dx));
        call(
                algorithm(way),
                (algorithm, workspace, bytes) ->
                        cudnnConvolutionBackwardData(
                                handle,
                                scalars.one,
                                w,
                                ws,
                                y,
                                dys,
                                convolution,
                                algorithm,
                                workspace,
                                bytes,
                                scalars.zero,
                                x,
                                dxs));
    }

    /** dw and, where asked for, db, from x and dy. */
    void gradWeight(Buffer from, Buffer dy, Buffer dw, @Nullable Buffer db, Way way) {
        Raw xs = new Raw(Gpu.address(from));
        Raw dys = new Raw(Gpu.address(dy));
        Raw dws = new Raw(Gpu.address(dw));
        call(
                algorithm(way),
                (algorithm, workspace, bytes) ->
                        cudnnConvolutionBackwardFilter(
                                handle,
                                scalars.one,
                                x,
                                xs,
                                y,
                                dys,
                                convolution,
                                algorithm,
                                workspace,
                                bytes,
                                scalars.zero,
                                w,
                                dws));
        if (db != null) {
            Cudnn.check(
                    cudnnConvolutionBackwardBias(
                            handle,
                            scalars.one,
                            y,
                            dys,
                            scalars.zero,
                            bias,
                            new Raw(Gpu.address(db))),
                    "cuDNN's gradient by a bias");
        }
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
