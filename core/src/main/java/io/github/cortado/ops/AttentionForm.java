package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.AttentionSpec.Sizes;
import java.util.Arrays;
import java.util.List;

/** In which tensors queries, keys and values of an attention are, and its results. */
interface AttentionForm {
    /** The tensors that there are: queries, keys and values, or one that has all of them. */
    List<Tensor> inputs();

    /** Whether each line of queries has keys and values of its own; only then has it sizes. */
    boolean isAligned();

    /** How much there is of everything. */
    Sizes sizes();

    /** Where queries, keys, values and results lie. */
    Places[] places();

    /** The shape of the result. */
    Shape shape();

    /** The shape of the scores, [..., queries, keys]. */
    Shape scores();

    /** Queries, keys and values [..., rows, width] each, by recorded operations. */
    Tensor[] split();

    /** The result, of what attention makes of {@link #split}. */
    Tensor joined(Tensor y);

    /** The other way round: what a result is joined from. */
    Tensor parted(Tensor y);

    /** Gradients of the inputs, of those of {@link #split}. */
    List<Tensor> gradients(Tensor[] ofSplit);

    /** Queries [..., t, d], keys [..., s, d] and values [..., s, e]. */
    record Separate(Tensor q, Tensor k, Tensor v) implements AttentionForm {
        @Override
        public List<Tensor> inputs() {
            return List.of(q, k, v);
        }

        private static int[] leading(Tensor x) {
            return Arrays.copyOf(x.shape().dims(), x.shape().rank() - 2);
        }

        @Override
        public boolean isAligned() {
            return Arrays.equals(leading(q), leading(k)) && Arrays.equals(leading(q), leading(v));
        }

        @Override
        public Sizes sizes() {
            int[] lines = leading(q);
            int heads = lines.length == 0 ? 1 : lines[lines.length - 1];
            int batch = 1;
            for (int i = 0; i < lines.length - 1; i++) {
                batch *= lines[i];
            }
            return new Sizes(batch, heads, q.dim(-2), k.dim(-2), q.dim(-1), v.dim(-1));
        }

        @Override
        public Places[] places() {
            Sizes s = sizes();
            return new Places[] {
                Places.packed(s.heads(), s.queries(), s.width()),
                Places.packed(s.heads(), s.keys(), s.width()),
                Places.packed(s.heads(), s.keys(), s.valueWidth()),
                Places.packed(s.heads(), s.queries(), s.valueWidth())
            };
        }

        @Override
        public Shape shape() {
            return Matmul.shape(Shape.of(leading(q)), q.dim(-2), v.dim(-1));
        }

        @Override
        public Shape scores() {
            return Matmul.shape(Shape.of(leading(q)), q.dim(-2), k.dim(-2));
        }

        @Override
        public Tensor[] split() {
            return new Tensor[] {q, k, v};
        }

        @Override
        public Tensor joined(Tensor y) {
            return y;
        }

        @Override
        public Tensor parted(Tensor y) {
            return y;
        }

        @Override
        public List<Tensor> gradients(Tensor[] ofSplit) {
            return List.of(ofSplit);
        }
    }

    /**
     * Heads side by side at each place of sequences, [n, t, width] or else [t, n, width]: three
     * tensors of queries, keys and values, or one, [n, t, 3 width], where they are side by side.
     */
    record SideBySide(List<Tensor> inputs, int heads, boolean batchFirst) implements AttentionForm {
        private boolean isOne() {
            return inputs.size() == 1;
        }

        private Tensor queries() {
            return inputs.get(0);
        }

        private Tensor values() {
            return inputs.get(inputs.size() - 1);
        }

        private int width() {
            return isOne() ? queries().dim(2) / 3 : queries().dim(2);
        }

        private int length(Tensor x) {
            return x.dim(batchFirst ? 1 : 0);
        }

        private int batch() {
            return queries().dim(batchFirst ? 0 : 1);
        }

        @Override
        public boolean isAligned() {
            int n = batchFirst ? 0 : 1;
            return inputs.stream().allMatch(x -> x.dim(n) == batch());
        }

        @Override
        public Sizes sizes() {
            int each = width() / heads;
            return new Sizes(batch(), heads, length(queries()), length(values()), each, each);
        }

        @Override
        public Places[] places() {
            return new Places[] {
                places(queries().shape(), 0),
                places(inputs.get(inputs.size() / 2).shape(), isOne() ? width() : 0),
                places(values().shape(), isOne() ? 2 * width() : 0),
                places(shape(), 0)
            };
        }

        private Places places(Shape x, int first) {
            int outer = x.dim(1) * x.dim(2);
            int inner = x.dim(2);
            int each = width() / heads;
            return batchFirst
                    ? Places.of(first, outer, each, inner)
                    : Places.of(first, inner, each, outer);
        }

        @Override
        public Shape shape() {
            return Shape.of(queries().dim(0), queries().dim(1), width());
        }

        @Override
        public Shape scores() {
            return Shape.of(batch(), heads, length(queries()), length(values()));
        }

        @Override
        public Tensor[] split() {
            if (!isOne()) {
                return inputs.stream().map(this::parted).toArray(Tensor[]::new);
            }
            Tensor x = queries();
            Tensor all = x.reshape(x.dim(0), x.dim(1), 3, heads, width() / heads);
            Tensor first = batchFirst ? all.permute(2, 0, 3, 1, 4) : all.permute(2, 1, 3, 0, 4);
            Tensor[] split = new Tensor[3];
            Arrays.setAll(split, i -> first.narrow(0, i, 1).squeeze(0));
            return split;
        }

        @Override
        public Tensor joined(Tensor y) {
            Tensor turned = batchFirst ? y.transpose(1, 2) : y.permute(2, 0, 1, 3);
            return turned.reshape(turned.dim(0), turned.dim(1), heads * turned.dim(3));
        }

        @Override
        public Tensor parted(Tensor y) {
            Tensor all = y.reshape(y.dim(0), y.dim(1), heads, y.dim(2) / heads);
            return batchFirst ? all.transpose(1, 2) : all.permute(1, 2, 0, 3);
        }

        @Override
        public List<Tensor> gradients(Tensor[] ofSplit) {
            Tensor[] joined = Arrays.stream(ofSplit).map(this::joined).toArray(Tensor[]::new);
            return isOne() ? List.of(Tensor.cat(2, joined)) : List.of(joined);
        }
    }
}
