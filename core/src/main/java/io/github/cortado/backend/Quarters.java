package io.github.cortado.backend;

import io.github.cortado.backend.formula.Functions;
import java.util.ArrayList;
import java.util.List;

/**
 * How lines are multiplied up, level by level: a line's quarters, element by element; of a short
 * line each four neighbours. What four does not divide is filled up with ones.
 *
 * @param line which one level makes a quarter as long
 */
public record Quarters(Axis line) {
    /** Factors of an element. */
    public static final int PARTS = 4;

    /** Elements of a quarter that are too few for a loop over them. */
    private static final int FEW = 16;

    /** Elements of a line that are left, rounded up. */
    public int left() {
        return (line.n() + PARTS - 1) / PARTS;
    }

    /** Ones that a line lacks. */
    public int missing() {
        return left() * PARTS - line.n();
    }

    /** Whether neighbours are multiplied, and not quarters. */
    public boolean areNeighbours() {
        return left() * line.inner() < FEW;
    }

    /** {@value #PARTS} parts of a line that lacks nothing, as they lie. */
    public Axis parts() {
        int n = left();
        return areNeighbours()
                ? new Axis(line.outer() * n, PARTS, line.inner())
                : new Axis(line.outer(), PARTS, n * line.inner());
    }

    /** y[o,j] = product over i of x[o,i,j], which is there for one i at least. */
    static void product(Backend backend, Buffer x, Buffer y, Axis axis) {
        if (y.length() == 0) {
            return;
        }
        if (axis.n() == 1) {
            backend.copy(x, y);
            return;
        }
        Buffer from = x;
        Axis line = axis;
        while (line.n() > 1) {
            Quarters level = new Quarters(line);
            Buffer whole = level.missing() == 0 ? from : level.filledUp(backend, from);
            Axis next = new Axis(line.outer(), level.left(), line.inner());
            Buffer to = next.n() == 1 ? y : backend.empty(y.dtype(), next.size());
            level.run(backend, whole, to);
            for (Buffer between : whole == from ? List.of(from) : List.of(from, whole)) {
                if (between != x) {
                    between.release("it was multiplied");
                }
            }
            from = to;
            line = next;
        }
    }

    private Buffer filledUp(Backend backend, Buffer x) {
        int n = line.n() + missing();
        Buffer y = backend.empty(x.dtype(), line.outer() * n * line.inner());
        backend.fill(y, 1);
        int[] shape = {line.outer(), line.n() * line.inner()};
        int[] strides = {n * line.inner(), 1};
        backend.scatter(x, y, new Strided(shape, strides, 0));
        return y;
    }

    /** One level: y of lines x that lack nothing. */
    public void run(Backend backend, Buffer x, Buffer y) {
        if (y.length() == 0) {
            return;
        }
        Axis parts = parts();
        int apart = parts.n() * parts.inner();
        List<Buffer> factors = new ArrayList<>(PARTS);
        int[][] strides = new int[PARTS][];
        for (int i = 0; i < PARTS; i++) {
            int from = i * parts.inner();
            factors.add(x.slice(from, x.length() - (PARTS - 1) * parts.inner()));
            strides[i] = new int[] {apart, 1};
        }
        Broadcast walk = Broadcast.of(new int[] {parts.outer(), parts.inner()}, strides);
        backend.pointwise(
                Functions.PRODUCT_OF_FOUR,
                new Operands(factors, List.of(y), List.of(), List.of(), walk));
    }
}
