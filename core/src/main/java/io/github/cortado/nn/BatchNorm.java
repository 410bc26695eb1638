package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Rerun;
import java.util.Locale;

/**
 * Batch normalisation by channel (Ioffe and Szegedy, arXiv 1502.03167), with PyTorch's running
 * statistics: biased variance to normalise, unbiased to remember.
 */
abstract class BatchNorm extends Layer {
    private final int channels;
    private final double eps;
    private final double momentum;
    private final Tensor weight;
    private final Tensor bias;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final Tensor batches;

    /** With {@code eps} added to the variance and {@code momentum} the share of a new batch. */
    BatchNorm(int channels, double eps, double momentum) {
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

    /** Refuses inputs of other ranks. */
    abstract void check(Tensor x);

    @Override
    public final Tensor forward(Tensor x) {
        check(x);
        if (isTraining() && Rerun.isRunning()) {
            // A checkpoint's first run has moved the running statistics.
            return Functional.batchNorm(x, null, null, weight, bias, true, momentum, eps);
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
    protected final String details() {
        return String.format(
                Locale.ROOT,
                "%d, eps=%s, momentum=%s, affine=True, bias=True, track_running_stats=True",
                channels,
                number(eps),
                number(momentum));
    }
}
