package io.github.cortado.models;

import static io.github.cortado.nn.Functional.geluTanh;
import static io.github.cortado.nn.Functional.scaledDotProductAttention;
import static io.github.cortado.nn.Functional.selfAttention;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Draws;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Embedding;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.ModuleList;
import io.github.cortado.random.Streams;
import java.util.Arrays;

/**
 * A language model: a transformer in which a place sees those before it, GPT-2 (Radford et al.,
 * Language models are unsupervised multitask learners, 2019; normalised first, GELU with tanh). The
 * names are Hugging Face's {@code GPT2LMHeadModel}'s, and so are the first values; the head's
 * weight is the table of symbols.
 *
 * <pre>{@code
 * GPT net = new GPT(new GPT.Sizes(96, 128, 192, 6, 6), 0);
 * Tensor loss = crossEntropy(net.forward(x).reshape(-1, 96), y.reshape(-1));
 * net.eval();
 * Tensor text = net.generate(prompt, 100, new Sampling(0.8, 20, seed));
 * }</pre>
 */
public final class GPT extends Layer {
    private static final double DEVIATION = 0.02;

    /**
     * What makes a model deep and wide.
     *
     * @param vocabulary how many symbols there are
     * @param positions the longest sequence
     * @param width of a symbol's vector
     * @param layers how many
     * @param heads of each attention, which share the width
     */
    public record Sizes(int vocabulary, int positions, int width, int layers, int heads) {
        /** The smallest GPT-2's. */
        public static final Sizes GPT2 = new Sizes(50257, 1024, 768, 12, 12);

        /** Refuses sizes below 1, and heads that cannot share the width. */
        public Sizes {
            Inputs.sizes(
                    "GPT",
                    "(vocabulary, positions, width, layers, heads)",
                    vocabulary,
                    positions,
                    width,
                    layers,
                    heads);
            Inputs.heads("GPT", width, heads);
        }
    }

    private final Sizes sizes;
    private final Transformer transformer;
    private final Linear head;

    /** The smallest GPT-2, with a dropout of 0.1. */
    public static GPT gpt2() {
        return new GPT(Sizes.GPT2, 0.1);
    }

    /**
     * A model of any size.
     *
     * @param dropout in training, of the input, the weights of attentions, and what each part adds
     * @throws IllegalArgumentException if dropout is not from 0 to 1
     */
    public GPT(Sizes sizes, double dropout) {
        this.sizes = sizes;
        transformer = add("transformer", new Transformer(sizes, dropout));
        head = add("lm_head", new Linear(sizes.width, sizes.vocabulary, false));
        head.weight(transformer.wte.weight());
    }

    /**
     * Logits [n, t, vocabulary], at each place of what follows it, of numbers of symbols (int64)
     * [n, t].
     *
     * @throws ShapeException if they have another shape, or are longer than there are positions
     * @throws IllegalArgumentException if a number is not from 0 to below the vocabulary
     */
    @Override
    public Tensor forward(Tensor index) {
        Inputs.sequences("GPT", index);
        if (index.dim(1) > sizes.positions) {
            throw new ShapeException(
                    "GPT: a sequence of "
                            + index.dim(1)
                            + " symbols, the model has "
                            + sizes.positions
                            + " positions (index "
                            + index.shape()
                            + ")");
        }
        return head.call(transformer.forward(index));
    }

    /**
     * Writes on: prompts (int64) [n, t], and {@code count} symbols behind each, [n, t + count]. All
     * is computed without gradients; keys and values of what is there are kept, so that each symbol
     * costs one place. Each of the n has random numbers of its own.
     *
     * @throws IllegalStateException if the model is in training: dropout would make it another
     *     ({@link #eval}); or if its logits are NaN
     * @throws ShapeException if the prompts have another shape, or with what is written are longer
     *     than there are positions
     * @throws IllegalArgumentException if count is negative
     */
    public Tensor generate(Tensor prompt, int count, Sampling sampling) {
        Inputs.sequences("GPT.generate", prompt);
        if (count < 0) {
            throw new IllegalArgumentException(
                    "GPT.generate: expected a number of symbols from 0 up, got " + count);
        }
        int n = prompt.dim(0);
        int t = prompt.dim(1);
        if ((long) t + count > sizes.positions) {
            throw new ShapeException(
                    "GPT.generate: a prompt of "
                            + t
                            + " symbols and "
                            + count
                            + " more, the model has "
                            + sizes.positions
                            + " positions (prompt "
                            + prompt.shape()
                            + ")");
        }
        if (isTraining()) {
            throw new IllegalStateException(
                    "GPT.generate: the model is in training, and dropout would make it another;"
                            + " call eval() first");
        }
        long[] given = prompt.toLongs();
        long[][] written = new long[n][t + count];
        for (int row = 0; row < n; row++) {
            System.arraycopy(given, row * t, written[row], 0, t);
        }
        if (n > 0) {
            try (var pause = Autograd.noGrad()) {
                write(prompt, written, sampling);
            }
        }
        long[] all = new long[n * (t + count)];
        for (int row = 0; row < n; row++) {
            System.arraycopy(written[row], 0, all, row * (t + count), t + count);
        }
        return Tensor.of(all, n, t + count).to(prompt.device());
    }

    /** Fills what follows the prompts, a column at a time. */
    private void write(Tensor prompt, long[][] written, Sampling sampling) {
        SeenSymbols seen = new SeenSymbols();
        Tensor next = prompt;
        for (int place = prompt.dim(1); place < written[0].length; place++) {
            Tensor x = transformer.next(next, seen);
            float[] logits = head.call(x.narrow(1, x.dim(1) - 1, 1)).toFloats();
            long[] chosen = new long[written.length];
            for (int row = 0; row < chosen.length; row++) {
                int from = row * sizes.vocabulary;
                chosen[row] =
                        sampling.choose(
                                Arrays.copyOfRange(logits, from, from + sizes.vocabulary),
                                Streams.general(sampling.seed(), row).uniform(place));
                written[row][place] = chosen[row];
            }
            next = Tensor.of(chosen, chosen.length, 1).to(prompt.device());
        }
    }

    /** Symbols and positions, all layers, and a normalisation: [n, t] to [n, t, width]. */
    private static final class Transformer extends Block {
        private final Embedding wte;
        private final Embedding wpe;
        private final Dropout drop;
        private final ModuleList<Part> parts;
        private final LayerNorm norm;

        Transformer(Sizes sizes, double dropout) {
            wte = add("wte", new Embedding(sizes.vocabulary, sizes.width));
            wpe = add("wpe", new Embedding(sizes.positions, sizes.width));
            FirstValues.normal(wte.weight(), DEVIATION);
            FirstValues.normal(wpe.weight(), DEVIATION);
            drop = add("drop", new Dropout(dropout));
            parts = add("h", ModuleList.of(() -> new Part(sizes, dropout), sizes.layers));
            norm = add("ln_f", new LayerNorm(sizes.width));
        }

        Tensor forward(Tensor index) {
            Tensor x = input(index, 0);
            for (Part part : parts) {
                x = part.call(x);
            }
            return norm.call(x);
        }

        /** As {@link #forward}, of what follows all that has been seen. */
        Tensor next(Tensor index, SeenSymbols seen) {
            Tensor x = input(index, seen.count());
            for (int layer = 0; layer < parts.size(); layer++) {
                x = parts.get(layer).next(x, seen, layer);
            }
            return norm.call(x);
        }

        private Tensor input(Tensor index, int first) {
            Tensor positions = wpe.weight().narrow(0, first, index.dim(1));
            return drop.call(wte.call(index).add(positions));
        }
    }

    /** Attention, and two linear layers, each of what is normalised, and a way around it. */
    private static final class Part extends Layer {
        private final LayerNorm ln1;
        private final Attention attention;
        private final LayerNorm ln2;
        private final Feed mlp;

        Part(Sizes sizes, double dropout) {
            ln1 = add("ln_1", new LayerNorm(sizes.width));
            attention = add("attn", new Attention(sizes, dropout));
            ln2 = add("ln_2", new LayerNorm(sizes.width));
            mlp = add("mlp", new Feed(sizes, dropout));
        }

        @Override
        public Tensor forward(Tensor x) {
            x = x.add(attention.call(ln1.call(x)));
            return x.add(mlp.call(ln2.call(x)));
        }

        Tensor next(Tensor x, SeenSymbols seen, int layer) {
            x = x.add(attention.next(ln1.call(x), seen, layer));
            return x.add(mlp.call(ln2.call(x)));
        }
    }

    /** Of what layers add to their input there are two in each: deviations stay as they are. */
    private static double deviationOfAdded(Sizes sizes) {
        return DEVIATION / Math.sqrt(2.0 * sizes.layers);
    }

    /** Attention of each place to those up to it. */
    private static final class Attention extends Layer {
        private final int width;
        private final int heads;
        private final double dropout;
        private final Conv1D qkv;
        private final Conv1D projection;
        private final Draws draws = draws();
        private final Dropout ofResult;

        Attention(Sizes sizes, double dropout) {
            width = sizes.width;
            heads = sizes.heads;
            this.dropout = dropout;
            qkv = add("c_attn", new Conv1D(width, 3 * width, DEVIATION));
            projection = add("c_proj", new Conv1D(width, width, deviationOfAdded(sizes)));
            ofResult = add("resid_dropout", new Dropout(dropout));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor all = qkv.call(x);
            Tensor y =
                    isTraining()
                            ? selfAttention(all, heads, true, dropout, draws)
                            : selfAttention(all, heads, true);
            return projected(y);
        }

        /** As {@link #forward}, of the first places, or of one behind all that have been seen. */
        Tensor next(Tensor x, SeenSymbols seen, int layer) {
            Tensor all = qkv.call(x);
            SeenSymbols.Seen places = seen.with(layer, part(all, 1), part(all, 2));
            boolean isFirst = places.k().dim(2) == x.dim(1);
            assert isFirst || x.dim(1) == 1;
            Tensor y = scaledDotProductAttention(part(all, 0), places.k(), places.v(), isFirst);
            return projected(y.transpose(1, 2).reshape(x.dim(0), x.dim(1), width));
        }

        /** Queries, keys or values, [n, heads, t, width / heads]. */
        private Tensor part(Tensor all, int number) {
            Tensor part = all.narrow(2, number * width, width);
            return part.reshape(all.dim(0), all.dim(1), heads, width / heads).transpose(1, 2);
        }

        private Tensor projected(Tensor y) {
            return ofResult.call(projection.call(y));
        }
    }

    /** Two linear layers, the first four times as wide. */
    private static final class Feed extends Layer {
        private final Conv1D in;
        private final Conv1D out;
        private final Dropout dropout;

        Feed(Sizes sizes, double p) {
            int width = sizes.width;
            in = add("c_fc", new Conv1D(width, 4 * width, DEVIATION));
            out = add("c_proj", new Conv1D(4 * width, width, deviationOfAdded(sizes)));
            dropout = add("dropout", new Dropout(p));
        }

        @Override
        public Tensor forward(Tensor x) {
            return dropout.call(out.call(geluTanh(in.call(x))));
        }
    }
}
