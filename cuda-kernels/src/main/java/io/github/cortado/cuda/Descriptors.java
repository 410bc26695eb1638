package io.github.cortado.cuda;

import static jcuda.jcudnn.JCudnn.cudnnCreateActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreatePoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyConvolutionDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyFilterDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyPoolingDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolution2dForwardOutputDim;
import static jcuda.jcudnn.JCudnn.cudnnGetPooling2dForwardOutputDim;
import static jcuda.jcudnn.JCudnn.cudnnSetActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolution2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionGroupCount;
import static jcuda.jcudnn.JCudnn.cudnnSetConvolutionMathType;
import static jcuda.jcudnn.JCudnn.cudnnSetFilter4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetPooling2dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static jcuda.jcudnn.cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnNanPropagation.CUDNN_PROPAGATE_NAN;
import static jcuda.jcudnn.cudnnTensorFormat.CUDNN_TENSOR_NCHW;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.ArrayList;
import java.util.List;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;

/**
 * cuDNN's descriptions of tensors and operations, made together and destroyed together. They live
 * on the host: neither a handle nor a GPU is needed, and once a call has returned, or was recorded,
 * nothing of it refers to them.
 */
final class Descriptors implements AutoCloseable {
    private final List<Runnable> destroyers = new ArrayList<>();

    /** Float32 [n, c, h, w] without gaps. */
    cudnnTensorDescriptor tensor(int n, int c, int h, int w) {
        cudnnTensorDescriptor d = new cudnnTensorDescriptor();
        Cudnn.check(cudnnCreateTensorDescriptor(d), "making a tensor descriptor");
        destroyers.add(() -> cudnnDestroyTensorDescriptor(d));
        Cudnn.check(
                cudnnSetTensor4dDescriptor(d, CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, n, c, h, w),
                "describing a tensor");
        return d;
    }

    /** The weights of a convolution. */
    cudnnFilterDescriptor filter(Conv2dSpec s) {
        cudnnFilterDescriptor d = new cudnnFilterDescriptor();
        Cudnn.check(cudnnCreateFilterDescriptor(d), "making a filter descriptor");
        destroyers.add(() -> cudnnDestroyFilterDescriptor(d));
        Cudnn.check(
                cudnnSetFilter4dDescriptor(
                        d,
                        CUDNN_DATA_FLOAT,
                        CUDNN_TENSOR_NCHW,
                        s.outChannels(),
                        s.inChannels() / s.groups(),
                        s.kernelH(),
                        s.kernelW()),
                "describing weights");
        return d;
    }

    /** A convolution as neural networks have it, not turned round, in float32 arithmetic. */
    cudnnConvolutionDescriptor convolution(Conv2dSpec s, int mathType) {
        cudnnConvolutionDescriptor d = new cudnnConvolutionDescriptor();
        Cudnn.check(cudnnCreateConvolutionDescriptor(d), "making a convolution descriptor");
        destroyers.add(() -> cudnnDestroyConvolutionDescriptor(d));
        Cudnn.check(
                cudnnSetConvolution2dDescriptor(
                        d,
                        s.padH(),
                        s.padW(),
                        s.strideH(),
                        s.strideW(),
                        s.dilationH(),
                        s.dilationW(),
                        CUDNN_CROSS_CORRELATION,
                        CUDNN_DATA_FLOAT),
                "describing a convolution");
        Cudnn.check(cudnnSetConvolutionGroupCount(d, s.groups()), "setting its groups");
        Cudnn.check(cudnnSetConvolutionMathType(d, mathType), "setting its arithmetic");
        return d;
    }

    /** A pooling of that mode, in which NaN wins. */
    cudnnPoolingDescriptor pooling(Pool2dSpec s, int mode) {
        cudnnPoolingDescriptor d = new cudnnPoolingDescriptor();
        Cudnn.check(cudnnCreatePoolingDescriptor(d), "making a pooling descriptor");
        destroyers.add(() -> cudnnDestroyPoolingDescriptor(d));
        Cudnn.check(
                cudnnSetPooling2dDescriptor(
                        d,
                        mode,
                        CUDNN_PROPAGATE_NAN,
                        s.kernelH(),
                        s.kernelW(),
                        s.padH(),
                        s.padW(),
                        s.strideH(),
                        s.strideW()),
                "describing a pooling");
        return d;
    }

    /** A function of one element. */
    cudnnActivationDescriptor activation(int mode, int nan) {
        cudnnActivationDescriptor d = new cudnnActivationDescriptor();
        Cudnn.check(cudnnCreateActivationDescriptor(d), "making an activation descriptor");
        destroyers.add(() -> cudnnDestroyActivationDescriptor(d));
        Cudnn.check(cudnnSetActivationDescriptor(d, mode, nan, 0), "describing an activation");
        return d;
    }

    /** Dropout; its generator is set up at every use. */
    cudnnDropoutDescriptor dropout() {
        cudnnDropoutDescriptor d = new cudnnDropoutDescriptor();
        Cudnn.check(cudnnCreateDropoutDescriptor(d), "making a dropout descriptor");
        destroyers.add(() -> cudnnDestroyDropoutDescriptor(d));
        return d;
    }

    /** The sizes [n, c, h, w] that cuDNN reckons for a convolution's output. */
    static int[] outputOf(
            cudnnConvolutionDescriptor convolution,
            cudnnTensorDescriptor x,
            cudnnFilterDescriptor w) {
        int[][] size = new int[4][1];
        Cudnn.check(
                cudnnGetConvolution2dForwardOutputDim(
                        convolution, x, w, size[0], size[1], size[2], size[3]),
                "asking for a convolution's output");
        return new int[] {size[0][0], size[1][0], size[2][0], size[3][0]};
    }

    /** The sizes [n, c, h, w] that cuDNN reckons for a pooling's output. */
    static int[] outputOf(cudnnPoolingDescriptor pooling, cudnnTensorDescriptor x) {
        int[][] size = new int[4][1];
        Cudnn.check(
                cudnnGetPooling2dForwardOutputDim(pooling, x, size[0], size[1], size[2], size[3]),
                "asking for a pooling's output");
        return new int[] {size[0][0], size[1][0], size[2][0], size[3][0]};
    }

    @Override
    public void close() {
        destroyers.forEach(Runnable::run);
        destroyers.clear();
    }
}
