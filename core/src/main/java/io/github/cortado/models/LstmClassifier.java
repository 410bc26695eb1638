package io.github.cortado.models;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Embedding;
import io.github.cortado.nn.LSTM;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;

/**
 * A class for a sequence of symbols: a table of vectors, layers of long short-term memory
 * (Hochreiter and Schmidhuber, 1997), and a linear layer of the last one's state at the end.
 */
public final class LstmClassifier extends Layer {
    /**
     * What makes a network deep and wide.
     *
     * @param vocabulary how many symbols there are
     * @param width of a symbol's vector
     * @param hidden width of a layer's state
     * @param layers how many
     */
    public record Sizes(int vocabulary, int width, int hidden, int layers) {
        /** Refuses sizes below 1. */
        public Sizes {
            Inputs.sizes(
                    "LstmClassifier",
                    "(vocabulary, width, hidden, layers)",
                    vocabulary,
                    width,
                    hidden,
                    layers);
        }
    }

    private final Sizes sizes;
    private final Embedding embedding;
    private final LSTM lstm;
    private Layer fc;

    /**
     * A network of these sizes.
     *
     * @throws IllegalArgumentException if there is no class
     */
    public LstmClassifier(Sizes sizes, int classes) {
        Inputs.sizes("LstmClassifier", "classes", classes);
        this.sizes = sizes;
        embedding = add("embedding", new Embedding(sizes.vocabulary, sizes.width));
        LSTM memory = new LSTM(sizes.width, sizes.hidden).layers(sizes.layers).batchFirst();
        lstm = add("lstm", memory);
        fc = add("fc", new Linear(sizes.hidden, classes));
    }

    /**
     * Logits [n, classes] of sequences of one length, numbers of symbols (int64) [n, t].
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     * @throws IllegalArgumentException if a number is not from 0 to below the vocabulary
     */
    @Override
    public Tensor forward(Tensor index) {
        Inputs.sequences("LstmClassifier", index);
        return logits(lstm.forward(embedding.call(index)));
    }

    /**
     * Logits [n, classes] of sequences [n, t] that are padded to one length, each read to its own.
     *
     * @param lengths (int64) [n], from 1 to t
     * @throws io.github.cortado.ShapeException if index or lengths have another shape
     * @throws IllegalArgumentException if a length is not from 1 to t, or a number, padding
     *     included, is not from 0 to below the vocabulary
     */
    public Tensor forward(Tensor index, Tensor lengths) {
        Inputs.sequences("LstmClassifier", index);
        return logits(lstm.forwardPadded(embedding.call(index), lengths));
    }

    private Tensor logits(LSTM.Output output) {
        return fc.call(output.h().select(0, sizes.layers - 1));
    }
}
