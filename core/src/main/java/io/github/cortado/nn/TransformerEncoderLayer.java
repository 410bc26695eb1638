package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A transformer encoder's layer: attention to itself and two linear layers, each with a residual
 * (Vaswani et al., arXiv 1706.03762). As in PyTorch sequences are [t, n, width], normalisation
 * comes behind each residual, and the activation is a ReLU, unless told otherwise.
 */
public final class TransformerEncoderLayer extends Layer {
    private static final int FEEDFORWARD = 2048;
    private static final double DROPOUT = 0.1;

    private final MultiheadAttention attention;
    private final Linear linear1;
    private final Dropout dropout;
    private final Linear linear2;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Dropout dropout1;
    private final Dropout dropout2;
    private UnaryOperator<Tensor> activation = Functional::relu;
    private boolean normFirst;

    /** With 2048 hidden features and dropout of 0.1. */
    public TransformerEncoderLayer(int dModel, int numHeads) {
        this(dModel, numHeads, FEEDFORWARD, DROPOUT);
    }

    /**
     * With so many hidden features between the linear layers.
     *
     * @throws IllegalArgumentException if the width cannot be divided by the number of heads, or
     *     dropout is not from 0 to 1
     */
    public TransformerEncoderLayer(int dModel, int numHeads, int dimFeedforward, double dropout) {
        attention = add("self_attn", new MultiheadAttention(dModel, numHeads).dropout(dropout));
        linear1 = add("linear1", new Linear(dModel, dimFeedforward));
        this.dropout = add("dropout", new Dropout(dropout));
        linear2 = add("linear2", new Linear(dimFeedforward, dModel));
        norm1 = add("norm1", new LayerNorm(dModel));
        norm2 = add("norm2", new LayerNorm(dModel));
        dropout1 = add("dropout1", new Dropout(dropout));
        dropout2 = add("dropout2", new Dropout(dropout));
    }

    /** Another activation, such as {@code Functional::gelu}. */
    public TransformerEncoderLayer activation(UnaryOperator<Tensor> function) {
        activation = function;
        return this;
    }

    /** Normalises what goes into each part, not what comes of its residual. */
    public TransformerEncoderLayer normFirst() {
        normFirst = true;
        return this;
    }

    /** Sequences are [n, t, width]. */
    public TransformerEncoderLayer batchFirst() {
        attention.batchFirst();
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return run(x, null);
    }

    /** With numbers added to the scores, as {@link MultiheadAttention} takes them. */
    public Tensor forward(Tensor x, Tensor mask) {
        return run(x, mask);
    }

    Tensor run(Tensor x, @Nullable Tensor mask) {
        if (normFirst) {
            Tensor y = x.add(attend(norm1.forward(x), mask));
            return y.add(feed(norm2.forward(y)));
        }
        Tensor y = norm1.forward(x.add(attend(x, mask)));
        return norm2.forward(y.add(feed(y)));
    }

    private Tensor attend(Tensor x, @Nullable Tensor mask) {
        return dropout1.forward(attention.attend(x, x, x, mask));
    }

    private Tensor feed(Tensor x) {
        Tensor inner = dropout.forward(activation.apply(linear1.forward(x)));
        return dropout2.forward(linear2.forward(inner));
    }
}
