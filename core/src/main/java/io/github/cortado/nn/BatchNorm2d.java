package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.Locale;

/**
 * Batch normalisation of x [n, channels, h, w] by channel (Ioffe and Szegedy, arXiv 1502.03167),
 * with PyTorch's running statistics: biased variance to normalise, unbiased to remember.
 */
public final class BatchNorm2d extends Layer {
    private final int channels;
    private final double eps;
    private final double momentum;
    private final Tensor weight;
    private final Tensor bias;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final Tensor batches;

    /** With eps 1e-5 and momentum 0.1. */
    public BatchNorm2d(int channels) {
        this(channels, 1e-5, 0.1);
    }

    /** With {@code eps} added to the variance and {@code momentum} the share of a new batch. */
    public BatchNorm2d(int channels, double eps, double momentum) {
        this.channels = channels;
        this.eps = eps;
        this.momentum = momentum;
        weight = parameter("weight", Tensor.ones(channels));
        bias = parameter("bias", Tensor.zeros(channels));
        runningMean = buffer("running_mean", Tensor.zeros(channels));
        runningVar = buffer("running_var", Tensor.ones(channels));
        batches =
                buffer("num_batches_tracked", Tensor.zeros(Device.cpu(), DType.INT64, Shape.of()));
    }

    @Override
    public Tensor forward(Tensor x) {
        if (x.shape().rank() != 4) {
            throw new ShapeException("BatchNorm2d: expects [n, c, h, w], got " + x.shape());
        }
        Tensor y =
                Functional.batchNorm(
                        x, runningMean, runningVar, weight, bias, isTraining(), momentum, eps);
        if (isTraining()) {
            // Where it lies, so that a recorded step counts too.
            batches.increment(1);
        }
        return y;
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "%d, eps=%s, momentum=%s, affine=True, bias=True, track_running_stats=True",
                channels,
                number(eps),
                number(momentum));
    }
}
