package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Range;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Strided;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A box of elements of a tensor, a range along each dimension: read, written in place, and written
 * to a copy.
 */
public final class Region {
    /** Where the elements lie, every dimension kept. */
    private final Strided elements;

    /** As {@code x[...]} has it: without dimensions of which one element was named. */
    private final Shape shape;

    private Region(Strided elements, Shape shape) {
        this.elements = elements;
        this.shape = shape;
    }

    private static Region of(String op, Tensor x, Range... ranges) {
        Shape whole = x.shape();
        int rank = whole.rank();
        Checks.require(
                ranges.length <= rank,
                "%s: %s ranges %s for the %s dimensions of %s",
                op,
                ranges.length,
                Arrays.toString(ranges),
                rank,
                whole);
        int[] sizes = whole.dims();
        int[] strides = whole.strides();
        int offset = 0;
        for (int d = 0; d < ranges.length; d++) {
            Range range = ranges[d];
            int n = sizes[d];
            sizes[d] = range.count(n);
            Checks.require(
                    !range.isOne() || range.start() >= -n && range.start() < n,
                    "%s: no element %s in dimension %s of %s",
                    op,
                    range.start(),
                    d,
                    whole);
            offset += sizes[d] == 0 ? 0 : range.first(n) * strides[d];
            strides[d] *= range.step();
        }
        int[] kept =
                IntStream.range(0, rank)
                        .filter(d -> d >= ranges.length || !ranges[d].isOne())
                        .map(d -> sizes[d])
                        .toArray();
        return new Region(new Strided(sizes, strides, offset), Shape.of(kept));
    }

    /** y = x[ranges]: a view where only leading elements are left out, else a copy. */
    public static Tensor slice(Tensor x, Range... ranges) {
        Region region = of("slice", x, ranges);
        int[] sizes = region.elements.shape();
        boolean isView = x.shape().rank() > 0;
        for (int d = 1; d < sizes.length; d++) {
            isView &=
                    sizes[d] == x.dim(d) && region.elements.strides()[d] == x.shape().strides()[d];
        }
        if (!isView || ranges.length > 0 && ranges[0].step() > 1) {
            return region.read(x);
        }
        int start = ranges.length == 0 ? 0 : ranges[0].first(x.dim(0));
        return Layout.narrow(x, 0, start, sizes[0]).reshape(region.shape.dims());
    }

    private Tensor read(Tensor x) {
        return Node.record(
                "slice",
                copied(x, x.empty(shape)),
                Edge.to(x, dy -> written(dy, zeroed(Internals.newGrad(x))))
                        .differentiable(dy -> spread(dy, x.shape())));
    }

    /** y = 0, and in this region {@code part}. */
    private Tensor spread(Tensor part, Shape whole) {
        return Node.record(
                "slice",
                written(part, zeroed(part.empty(whole))),
                Edge.to(part, dy -> copied(dy, Internals.newGrad(part)))
                        .differentiable(this::read));
    }

    private Tensor copied(Tensor x, Tensor y) {
        x.device().backend().gather(x.buffer(), y.buffer(), elements);
        return y;
    }

    /** y = x, and in the region {@code source}, of which dimensions of size 1 are stretched. */
    public static Tensor sliceScatter(Tensor x, Tensor source, Range... ranges) {
        Region region = of("sliceScatter", x, ranges);
        Checks.compatible("sliceScatter", x, source);
        return region.replaced(x, region.stretched("sliceScatter", source));
    }

    private Tensor replaced(Tensor x, Tensor part) {
        return Node.record(
                "sliceScatter",
                written(part, x.copy()),
                Edge.to(x, dy -> written(zeroed(dy.empty(shape)), copy(dy, Internals.newGrad(x))))
                        .differentiable(dy -> replaced(dy, zeroed(dy.empty(shape)))),
                Edge.to(part, dy -> copied(dy, Internals.newGrad(part)))
                        .differentiable(this::read));
    }

    /** x[ranges] = value, in place. */
    public static void set(Tensor x, Tensor value, Range... ranges) {
        Region region = of("set", x, ranges);
        if (value.requiresGrad() && Autograd.isRecording()) {
            throw new IllegalArgumentException(
                    "set: no gradients flow to what is written in place; sliceScatter has them,"
                            + " detach() of the value or Autograd.noGrad() goes without");
        }
        Tensor part = region.stretched("set", value.detach().to(x.device()).to(x.dtype()));
        region.replace(x, part.sharesMemoryWith(x) ? part.copy() : part);
    }

    /** x[ranges] = value, in place. */
    public static void set(Tensor x, double value, Range... ranges) {
        Region region = of("set", x, ranges);
        region.replace(x, x.empty(region.shape).fill(value));
    }

    private void replace(Tensor x, Tensor part) {
        Buffer values = part.buffer();
        Buffer target = Internals.overwritten("set", x);
        Backend backend = x.device().backend();
        Buffer.overwriting(List.of(target), () -> backend.scatter(values, target, elements));
    }

    private Tensor stretched(String op, Tensor source) {
        if (source.shape().equals(shape)) {
            return source;
        }
        Checks.require(
                Shape.broadcast(op, source.shape(), shape).equals(shape),
                "%s: %s does not stretch to the region's %s",
                op,
                source.shape(),
                shape);
        return source.expand(shape.dims());
    }

    private Tensor written(Tensor part, Tensor y) {
        y.device().backend().scatter(part.buffer(), y.buffer(), elements);
        return y;
    }

    /** y = 0. */
    static Tensor zeroed(Tensor y) {
        y.device().backend().fill(y.buffer(), 0);
        return y;
    }

    /** y = x. */
    static Tensor copy(Tensor x, Tensor y) {
        y.device().backend().copy(x.buffer(), y.buffer());
        return y;
    }
}
