package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.formula.Formulas;
import java.util.Arrays;
import java.util.List;

/** Pictures of other sizes, a dimension at a time. */
public final class Resize {
    private Resize() {}

    /** Element i of the result is element floor(i n / size) of the dimension's n. */
    public static Tensor nearest(Tensor x, int dim, int size) {
        int d = check(x, dim, size);
        int n = x.dim(d);
        if (n == size) {
            return x;
        }
        Tensor index =
                Constants.index(
                        x.device(),
                        List.of("nearest", n, size),
                        () -> {
                            // As PyTorch rounds: the quotient as a float32.
                            float step = (float) n / size;
                            long[] from = new long[size];
                            Arrays.setAll(from, i -> Math.min((long) (i * step), n - 1));
                            return from;
                        });
        return x.indexSelect(d, index);
    }

    /**
     * Element i of the result lies at place p between two of the dimension's n, and is their
     * weighted mean: p = (i + 1/2) n / size - 1/2, or i (n - 1) / (size - 1) where the corners stay
     * in their places.
     */
    public static Tensor linear(Tensor x, int dim, int size, boolean alignCorners) {
        int d = check(x, dim, size);
        int n = x.dim(d);
        if (n == size) {
            return x;
        }
        List<Object> what = List.of("linear", n, size, alignCorners);
        Neighbours all = new Neighbours(n, size, alignCorners);
        int[] sizes = new int[x.shape().rank()];
        Arrays.fill(sizes, 1);
        sizes[d] = size;
        Tensor weight =
                Constants.of(x.device(), x.dtype(), what, () -> Tensor.of(all.weights(), size));
        return between(
                x,
                d,
                Constants.index(x.device(), List.of("low", what), all::low),
                Constants.index(x.device(), List.of("high", what), all::high),
                weight.reshape(sizes));
    }

    /** Between which of n elements each of another number lies, and how near to the second. */
    private record Neighbours(int n, int size, boolean alignCorners) {
        private double place(int i) {
            if (alignCorners) {
                return size > 1 ? i * ((n - 1.0) / (size - 1)) : 0;
            }
            return Math.max(0, (i + 0.5) * ((double) n / size) - 0.5);
        }

        long[] low() {
            long[] low = new long[size];
            Arrays.setAll(low, i -> Math.min((long) place(i), n - 1));
            return low;
        }

        long[] high() {
            long[] high = low();
            Arrays.setAll(high, i -> Math.min(high[i] + 1, n - 1));
            return high;
        }

        float[] weights() {
            long[] low = low();
            float[] weights = new float[size];
            for (int i = 0; i < size; i++) {
                weights[i] = (float) (place(i) - low[i]);
            }
            return weights;
        }
    }

    /** The weighted means of the elements that two indices name along a dimension. */
    private static Tensor between(Tensor x, int d, Tensor low, Tensor high, Tensor weight) {
        Axis axis = Max.axis(x.shape(), d);
        Shape shape = x.shape().with(d, low.size());
        Tensor a = x.empty(shape);
        Tensor b = x.empty(shape);
        Backend backend = x.device().backend();
        backend.indexSelect(x.buffer(), low.buffer(), a.buffer(), axis);
        backend.indexSelect(x.buffer(), high.buffer(), b.buffer(), axis);
        Broadcast three = Broadcast.of(shape, List.of(shape, shape, weight.shape()));
        backend.pointwise(
                Formulas.BETWEEN,
                new Operands(
                        List.of(a.buffer(), b.buffer(), weight.buffer()),
                        List.of(a.buffer()),
                        List.of(),
                        List.of(),
                        three));
        b.buffer().release("it was one of two neighbours");
        return Node.record(
                "interpolate",
                a,
                List.of(low, high, weight),
                Edge.to(x, dy -> gradient(x, dy, axis, low, high, weight)));
    }

    private static Tensor gradient(
            Tensor x, Tensor dy, Axis axis, Tensor low, Tensor high, Tensor weight) {
        Backend backend = x.device().backend();
        Tensor a = dy.empty(dy.shape());
        Tensor b = dy.empty(dy.shape());
        Broadcast two = Broadcast.of(dy.shape(), List.of(dy.shape(), weight.shape()));
        backend.pointwise(
                Formulas.BETWEEN_GRAD,
                new Operands(
                        List.of(dy.buffer(), weight.buffer()),
                        List.of(a.buffer(), b.buffer()),
                        List.of(),
                        List.of(),
                        two));
        Tensor dx = Internals.newGrad(x);
        Tensor more = x.empty(x.shape());
        backend.indexSelectGrad(a.buffer(), low.buffer(), dx.buffer(), axis, -1);
        backend.indexSelectGrad(b.buffer(), high.buffer(), more.buffer(), axis, -1);
        backend.pointwise(Formulas.ADD.value(), Operands.onto(dx.buffer(), more.buffer()));
        return dx;
    }

    private static int check(Tensor x, int dim, int size) {
        Checks.floating("interpolate", x);
        int d = x.shape().axis("interpolate", dim);
        Checks.require(
                size > 0 && x.dim(d) > 0,
                "interpolate: dimension %s of %s cannot become %s",
                d,
                x.shape(),
                size);
        return d;
    }
}
