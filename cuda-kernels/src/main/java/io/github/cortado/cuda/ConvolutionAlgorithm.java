package io.github.cortado.cuda;

import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardWorkspaceSize;
import static jcuda.jcudnn.cudnnDeterminism.CUDNN_DETERMINISTIC;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnHandle;

/**
 * One of cuDNN's algorithms for one convolution.
 *
 * @param number cuDNN's, by which plans name it
 * @param workspace bytes that it wants
 */
record ConvolutionAlgorithm(int number, long workspace) {
    /** Algorithms that cuDNN is asked for: it has at most eight, each in several arithmetics. */
    private static final int MOST = 24;

    /** A workspace that is larger costs more memory than the algorithm is likely to be worth. */
    private static final long MOST_WORKSPACE = 256L << 20;

    /**
     * What cuDNN says of an algorithm; it has a class of its own for each direction. Which
     * arithmetic it had in mind is not asked: JCuda's binding passes that on for one direction and
     * leaves 0 for the others, and what may be used stands in the convolution's descriptor.
     */
    private record Candidate(int number, int status, int determinism) {}

    /**
     * The algorithms that may be used, cuDNN's favourite first: none whose sums have no fixed order
     * unless that is allowed, and each once.
     */
    static List<ConvolutionAlgorithm> of(
            Op op, CudnnConvolution c, cudnnHandle handle, boolean deterministic) {
        List<ConvolutionAlgorithm> all = new ArrayList<>();
        for (Candidate candidate : candidates(op, c, handle)) {
            failIfNotThere(candidate.status);
            boolean known = all.stream().anyMatch(a -> a.number == candidate.number);
            boolean allowed = !deterministic || candidate.determinism == CUDNN_DETERMINISTIC;
            if (candidate.status != 0 || known || !allowed) {
                continue;
            }
            long[] bytes = new long[1];
            int status = workspace(op, c, handle, candidate.number, bytes);
            failIfNotThere(status);
            if (status == 0 && bytes[0] <= MOST_WORKSPACE) {
                all.add(new ConvolutionAlgorithm(candidate.number, bytes[0]));
            }
        }
        return List.copyOf(all);
    }

    /** An algorithm that has no code for this is left out, but one that is missing is told. */
    private static void failIfNotThere(int status) {
        if (Cudnn.isNotThere(status)) {
            Cudnn.check(status, "asking cuDNN for an algorithm");
        }
    }

    private static List<Candidate> candidates(Op op, CudnnConvolution c, cudnnHandle handle) {
        try {
            return advice(op, c, handle);
        } catch (ArrayIndexOutOfBoundsException e) {
            // Where cuDNN fails before it has said how many there are, JCuda's binding goes by what
            // was in its memory, and the status is lost. Perhaps another question has the same.
            if (Cudnn.isNotSupported(workspace(op, c, handle, 0, new long[1]))) {
                return List.of();
            }
            throw new CudaException(
                    "asking cuDNN for algorithms: it failed, JCuda's binding does not say how ("
                            + e
                            + ")",
                    Cudnn.UNKNOWN);
        }
    }

    private static List<Candidate> advice(Op op, CudnnConvolution c, cudnnHandle handle) {
        int[] found = new int[1];
        int status;
        Stream<Candidate> all;
        switch (op) {
            case CONV -> {
                var p =
                        filled(
                                new cudnnConvolutionFwdAlgoPerf[MOST],
                                cudnnConvolutionFwdAlgoPerf::new);
                status =
                        cudnnGetConvolutionForwardAlgorithm_v7(
                                handle, c.x, c.w, c.convolution, c.y, MOST, found, p);
                all = Arrays.stream(p).map(a -> new Candidate(a.algo, a.status, a.determinism));
            }
            case CONV_GRAD_INPUT -> {
                var p =
                        filled(
                                new cudnnConvolutionBwdDataAlgoPerf[MOST],
                                cudnnConvolutionBwdDataAlgoPerf::new);
                status =
                        cudnnGetConvolutionBackwardDataAlgorithm_v7(
                                handle, c.w, c.y, c.convolution, c.x, MOST, found, p);
                all = Arrays.stream(p).map(a -> new Candidate(a.algo, a.status, a.determinism));
            }
            default -> {
                var p =
                        filled(
                                new cudnnConvolutionBwdFilterAlgoPerf[MOST],
                                cudnnConvolutionBwdFilterAlgoPerf::new);
                status =
                        cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                                handle, c.x, c.y, c.convolution, c.w, MOST, found, p);
                all = Arrays.stream(p).map(a -> new Candidate(a.algo, a.status, a.determinism));
            }
        }
        if (Cudnn.isNotSupported(status)) {
            return List.of();
        }
        Cudnn.check(status, "asking cuDNN for algorithms");
        return all.limit(found[0]).toList();
    }

    private static <T> T[] filled(T[] array, Supplier<T> make) {
        for (int i = 0; i < array.length; i++) {
            array[i] = make.get();
        }
        return array;
    }

    private static int workspace(
            Op op, CudnnConvolution c, cudnnHandle handle, int number, long[] bytes) {
        return switch (op) {
            case CONV ->
                    cudnnGetConvolutionForwardWorkspaceSize(
                            handle, c.x, c.w, c.convolution, c.y, number, bytes);
            case CONV_GRAD_INPUT ->
                    cudnnGetConvolutionBackwardDataWorkspaceSize(
                            handle, c.w, c.y, c.convolution, c.x, number, bytes);
            default ->
                    cudnnGetConvolutionBackwardFilterWorkspaceSize(
                            handle, c.x, c.y, c.convolution, c.w, number, bytes);
        };
    }
}
