package io.github.cortado.cuda;

import io.github.cortado.backend.Leeway;
import java.util.Collection;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;

/** How an algorithm of cuDNN computes a convolution, and so how far it may be off. */
enum Arithmetic {
    /** Sums of products, in whatever order: as exact as our own kernels. */
    SUMS(1),

    /**
     * Winograd's, in tiles of 4 x 4 or fewer results: F(4 x 4, 3 x 3) and the like (A. Lavin and S.
     * Gray, "Fast algorithms for convolutional neural networks", CVPR 2016). It adds input and
     * weights of a tile with factors up to 5, multiplies, and adds again with factors up to 8,
     * until what is too much cancels. Its products, where numbers are independent and with these
     * factors squared and added up, are in the root mean square 31 times as large as those of the
     * sum itself at the worst of the 16 places (30 for 5 x 5 weights, 24 for the gradient by 3 x 3
     * weights), and so is what rounding them costs.
     */
    WINOGRAD(32),

    /**
     * By fast Fourier transforms of N numbers, whose error is at most a small multiple of log2(N)
     * roundings of the whole tile's norm (N. J. Higham, "Accuracy and stability of numerical
     * algorithms", 2002, theorem 24.2), evenly over its results. Two transforms forward and one
     * back of 256 x 256 numbers, cuDNN's largest, are 48 in the worst case; roundings that do not
     * conspire leave the root of that, and a result at the edge is smaller than the tile's mean.
     */
    FFT(32);

    private final double factor;

    Arithmetic(double factor) {
        this.factor = factor;
    }

    /** What that allows for, in roundings of a sum of products. */
    double factor() {
        return factor;
    }

    /** The least exact of those by which libraries computed. */
    static Arithmetic of(Collection<Choices.Taken> ways) {
        return ways.stream().map(Arithmetic::of).max(Enum::compareTo).orElse(SUMS);
    }

    private static Arithmetic of(Choices.Taken taken) {
        if (taken.way().library() != Library.CUDNN) {
            return SUMS;
        }
        return switch (taken.op()) {
            case CONV -> forward(taken.way().algorithm());
            case CONV_GRAD_INPUT -> gradInput(taken.way().algorithm());
            case CONV_GRAD_WEIGHT -> gradWeight(taken.way().algorithm());
            default -> SUMS;
        };
    }

    private static Arithmetic forward(int algorithm) {
        return switch (algorithm) {
            case cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
                    cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
                    cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_GEMM,
                    cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT ->
                    SUMS;
            case cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD,
                    cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED ->
                    WINOGRAD;
            case cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_FFT,
                    cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING ->
                    FFT;
            default -> throw new AssertionError("no forward algorithm " + algorithm);
        };
    }

    private static Arithmetic gradInput(int algorithm) {
        return switch (algorithm) {
            case cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0,
                    cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1 ->
                    SUMS;
            case cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD,
                    cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED ->
                    WINOGRAD;
            case cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT,
                    cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT_TILING ->
                    FFT;
            default -> throw new AssertionError("no algorithm for inputs " + algorithm);
        };
    }

    private static Arithmetic gradWeight(int algorithm) {
        return switch (algorithm) {
            case cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,
                    cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
                    cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3 ->
                    SUMS;
            case cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD,
                    cudnnConvolutionBwdFilterAlgo
                            .CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED ->
                    WINOGRAD;
            case cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT,
                    cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT_TILING ->
                    FFT;
            default -> throw new AssertionError("no algorithm for weights " + algorithm);
        };
    }

    /**
     * What that forgives a row of the contract. Which of equal numbers gets the gradient of a
     * max-pooling, cuDNN's manual does not say.
     */
    static Leeway leeway(Collection<Choices.Taken> ways) {
        Arithmetic arithmetic = of(ways);
        boolean pools = ways.stream().anyMatch(w -> w.op() == Op.MAX_POOL_GRAD);
        return new Leeway(arithmetic.factor, arithmetic != SUMS, pools);
    }
}
