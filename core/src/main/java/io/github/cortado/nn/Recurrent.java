package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.ops.Lengths;
import io.github.cortado.ops.Recurrence;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What recurrent networks share: layers and directions, their weights under PyTorch's names, and
 * the way through them. Sequences are [t, n, width], [n, t, width] after {@link #batchFirst}, or a
 * single one [t, width]; states are [layers directions, n, hidden].
 *
 * <p>Sequences of different lengths are padded to one, and {@code forwardPadded} takes their
 * lengths (int64) [n], from 1 to t, in any order: what PyTorch packs by {@code
 * pack_padded_sequence}. Padding has no effect, whatever it is; outputs beyond a length are 0, last
 * states are those of each one's last step, and a backward direction begins there.
 *
 * @param <S> the network's own class
 */
public abstract class Recurrent<S extends Recurrent<S>> extends Block {
    private final int inputs;
    private final int hidden;
    private int layers = 1;
    private boolean bias = true;
    private boolean batchFirst;
    private boolean bidirectional;
    private double dropout;
    private @Nullable Draws draws;

    /** The weights of each layer and direction: of inputs, of states, and their biases. */
    private final List<Weights> weights = new ArrayList<>();

    private record Weights(
            Tensor ofInput,
            Tensor ofState,
            @Nullable Tensor inputBias,
            @Nullable Tensor stateBias) {}

    /**
     * What comes of a sequence.
     *
     * @param all states of the last layer, side by side those of both directions
     * @param last states of all layers
     * @param lastCells cell states of all layers; null where there are none
     */
    record States(Tensor all, Tensor last, @Nullable Tensor lastCells) {}

    Recurrent(int inputSize, int hiddenSize) {
        if (inputSize < 1 || hiddenSize < 1) {
            throw new IllegalArgumentException(
                    kind() + ": sizes must be at least 1, got " + inputSize + ", " + hiddenSize);
        }
        inputs = inputSize;
        hidden = hiddenSize;
    }

    abstract Recurrence.Cell cell();

    abstract S self();

    /**
     * So many layers, each reads the one before; weights are drawn anew.
     *
     * @throws IllegalArgumentException if the number is below 1
     */
    public S layers(int count) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    kind() + ": expected at least 1 layer, got " + count);
        }
        layers = count;
        return register();
    }

    /** Reads sequences from both ends, by weights of its own each; they are drawn anew. */
    public S bidirectional() {
        bidirectional = true;
        return register();
    }

    /** Leaves the biases out; weights are drawn anew. */
    public S withoutBias() {
        bias = false;
        return register();
    }

    /** Sequences are [n, t, width]. */
    public S batchFirst() {
        batchFirst = true;
        return self();
    }

    /**
     * Dropout in training behind all layers but the last.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public S dropout(double p) {
        dropout = Dropout.probability(kind() + ": dropout", p);
        if (draws == null && p > 0) {
            draws = draws();
        }
        return self();
    }

    /** Makes the weights, even between -1 / sqrt(hidden) and there. */
    final S register() {
        namedParameters().keySet().forEach(this::forget);
        weights.clear();
        int rows = cell().gates() * hidden;
        for (int layer = 0; layer < layers; layer++) {
            int width = layer == 0 ? inputs : hidden * directions();
            for (int direction = 0; direction < directions(); direction++) {
                String end = "_l" + layer + (direction == 0 ? "" : "_reverse");
                weights.add(
                        new Weights(
                                weight("weight_ih" + end, rows, width),
                                weight("weight_hh" + end, rows, hidden),
                                bias ? weight("bias_ih" + end, rows) : null,
                                bias ? weight("bias_hh" + end, rows) : null));
            }
        }
        return self();
    }

    private Tensor weight(String name, int... sizes) {
        return parameter(name, Init.fanIn(Tensor.zeros(sizes), hidden, Seed.nextParameter()));
    }

    private int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Runs all layers from these states on, or from 0 where there are none. */
    final States run(Tensor x, @Nullable Tensor h, @Nullable Tensor c) {
        return run(x, null, h, c);
    }

    /** As above, of sequences of different lengths where these are given. */
    final States run(Tensor x, @Nullable Tensor given, @Nullable Tensor h, @Nullable Tensor c) {
        boolean single = x.shape().rank() == 2;
        if (!single && x.shape().rank() != 3 || x.dim(-1) != inputs) {
            throw new ShapeException(
                    kind()
                            + ": expected "
                            + (batchFirst ? "[n, t, " : "[t, n, ")
                            + inputs
                            + "] or [t, "
                            + inputs
                            + "], got "
                            + x.shape());
        }
        Tensor sequence = single ? x.unsqueeze(1) : batchFirst ? x.transpose(0, 1) : x;
        int n = sequence.dim(1);
        int t = sequence.dim(0);
        Lengths lengths = given == null ? null : Lengths.of(kind(), given, t, n, x.dtype());
        if (lengths != null) {
            sequence = lengths.masked(sequence);
        }
        Tensor first = states("h", h, single, sequence);
        Tensor firstCells =
                cell() == Recurrence.Cell.LSTM ? states("c", c, single, sequence) : null;
        List<Tensor> last = new ArrayList<>();
        List<Tensor> lastCells = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            Tensor[] outputs = new Tensor[directions()];
            for (int direction = 0; direction < outputs.length; direction++) {
                int i = layer * outputs.length + direction;
                Tensor own = first.narrow(0, i, 1).squeeze(0);
                Tensor ownCells = firstCells == null ? null : firstCells.narrow(0, i, 1).squeeze(0);
                boolean reverse = direction == 1;
                States s =
                        lengths == null
                                ? pass(weights.get(i), sequence, own, ownCells, reverse)
                                : pass(weights.get(i), sequence, own, ownCells, reverse, lengths);
                outputs[direction] = s.all;
                last.add(s.last);
                if (s.lastCells != null) {
                    lastCells.add(s.lastCells);
                }
            }
            sequence = outputs.length == 1 ? outputs[0] : Tensor.cat(2, outputs);
            if (layer < layers - 1 && draws != null && isTraining()) {
                sequence = Functional.dropout(sequence, dropout, draws);
            }
        }
        Tensor all =
                single ? sequence.squeeze(1) : batchFirst ? sequence.transpose(0, 1) : sequence;
        return new States(
                all, joined(last, single), firstCells == null ? null : joined(lastCells, single));
    }

    /** One layer in one direction. */
    private States pass(Weights w, Tensor sequence, Tensor h, @Nullable Tensor c, boolean reverse) {
        Tensor gates = Functional.linear(sequence, w.ofInput, w.inputBias);
        return split(
                Recurrence.apply(cell(), gates, h, c, w.ofState, w.stateBias, reverse),
                sequence.dim(0),
                reverse);
    }

    /** States of all steps, and of the last one; of an LSTM its cells are a line more. */
    private States split(Tensor y, int t, boolean reverse) {
        Tensor last = y.narrow(0, reverse ? 0 : t - 1, 1);
        return cell() == Recurrence.Cell.LSTM
                ? new States(y.narrow(0, 0, t), last, y.narrow(0, t, 1))
                : new States(y, last, null);
    }

    /**
     * One layer in one direction over sequences of different lengths. Read backwards, each is
     * turned within its length, so that either way what is beyond comes last.
     */
    private States pass(
            Weights w,
            Tensor sequence,
            Tensor h,
            @Nullable Tensor c,
            boolean reverse,
            Lengths lengths) {
        Tensor x = reverse ? lengths.turned(sequence) : sequence;
        Tensor gates = Functional.linear(x, w.ofInput, w.inputBias);
        Tensor held = c == null ? gates : lengths.holding(gates);
        Tensor y = Recurrence.apply(cell(), held, h, c, w.ofState, w.stateBias, false);
        States s = split(y, x.dim(0), false);
        Tensor all = lengths.masked(s.all);
        return new States(reverse ? lengths.turned(all) : all, lengths.last(all), s.lastCells);
    }

    private static Tensor joined(List<Tensor> states, boolean single) {
        Tensor all =
                states.size() == 1 ? states.get(0) : Tensor.cat(0, states.toArray(Tensor[]::new));
        return single ? all.squeeze(1) : all;
    }

    private Tensor states(String name, @Nullable Tensor given, boolean single, Tensor sequence) {
        Shape all = Shape.of(layers * directions(), sequence.dim(1), hidden);
        if (given == null) {
            return sequence.sibling(all);
        }
        Shape expected = single ? all.without(1) : all;
        if (!given.shape().equals(expected)) {
            throw new ShapeException(
                    kind()
                            + ": expected "
                            + name
                            + " of shape "
                            + expected
                            + ", got "
                            + given.shape());
        }
        return single ? given.unsqueeze(1) : given;
    }

    @Override
    protected String details() {
        StringBuilder s = new StringBuilder();
        s.append(String.format(Locale.ROOT, "%d, %d", inputs, hidden));
        if (layers != 1) {
            s.append(", num_layers=").append(layers);
        }
        s.append(bias ? "" : ", bias=False").append(batchFirst ? ", batch_first=True" : "");
        if (dropout != 0) {
            s.append(", dropout=").append(number(dropout));
        }
        return s.append(bidirectional ? ", bidirectional=True" : "").toString();
    }
}
