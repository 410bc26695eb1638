package io.github.cortado.nn;

import static java.util.Objects.requireNonNull;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;

/**
 * What the layers of a transformer's encoder and decoder share: residuals around their parts, two
 * linear layers being the last of them. All of it is registered in the layer under PyTorch's names,
 * and looked up there.
 */
final class TransformerParts {
    /** PyTorch's number of hidden features between the linear layers. */
    static final int FEEDFORWARD = 2048;

    /** PyTorch's probability of dropout. */
    static final double DROPOUT = 0.1;

    private final Block layer;
    private final int residuals;
    private UnaryOperator<Tensor> activation = Functional::relu;
    private boolean normFirst;

    /** Registers them in a layer that has its attention already. */
    TransformerParts(Block layer, int residuals, int dModel, int dimFeedforward, double dropout) {
        this.layer = layer;
        this.residuals = residuals;
        layer.add("linear1", new Linear(dModel, dimFeedforward));
        layer.add("dropout", new Dropout(dropout));
        layer.add("linear2", new Linear(dimFeedforward, dModel));
        for (int i = 1; i <= residuals; i++) {
            layer.add("norm" + i, new LayerNorm(dModel));
        }
        for (int i = 1; i <= residuals; i++) {
            layer.add("dropout" + i, new Dropout(dropout));
        }
    }

    void activation(UnaryOperator<Tensor> function) {
        activation = function;
    }

    void normFirst() {
        normFirst = true;
    }

    private Tensor run(String part, Tensor x) {
        return ((Layer) requireNonNull(layer.children().get(part))).call(x);
    }

    /** x and what a part makes of it, normalised by number {@code i} before or after. */
    Tensor residual(int i, Tensor x, UnaryOperator<Tensor> part) {
        if (normFirst) {
            return x.add(run("dropout" + i, part.apply(run("norm" + i, x))));
        }
        return run("norm" + i, x.add(run("dropout" + i, part.apply(x))));
    }

    /** The last residual, that of the linear layers. */
    Tensor feed(Tensor x) {
        return residual(
                residuals,
                x,
                y -> {
                    Tensor inner = activation.apply(run("linear1", y));
                    return run("linear2", run("dropout", inner));
                });
    }
}
