package io.github.cortado.models;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Layer;

/** A linear layer whose weight is [in, out], as GPT-2's are: x [..., in] to [..., out]. */
final class Conv1D extends Layer {
    private final Tensor weight;
    private final Tensor bias;

    /** With first values of that deviation, and a bias of 0. */
    Conv1D(int in, int out, double deviation) {
        weight = parameter("weight", FirstValues.normal(Tensor.zeros(in, out), deviation));
        bias = parameter("bias", Tensor.zeros(out));
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.matmul(weight).add(bias);
    }
}
