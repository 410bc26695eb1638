package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;
import java.util.Comparator;

/** Sums, maxima and softmax along one axis, in double. */
interface ScalarReductions extends Backend {
    /** What is done for each line along an axis: its first element, and the number of the line. */
    @FunctionalInterface
    interface Line {
        void at(int start, int line);
    }

    @Override
    default void sum(Buffer x, Buffer y, Axis axis) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        lines(axis, (start, line) -> to.set(line, sum(from, start, axis)));
    }

    private static double sum(HostBuffer x, int start, Axis axis) {
        double sum = 0;
        for (int i = 0; i < axis.n(); i++) {
            sum += x.get(start + i * axis.inner());
        }
        return sum;
    }

    @Override
    default void max(Buffer x, Buffer y, Buffer index, Axis axis) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        HostBuffer at = host(index);
        lines(
                axis,
                (start, line) -> {
                    int best = argmax(from, start, axis);
                    to.set(line, from.get(start + best * axis.inner()));
                    at.setLong(line, best);
                });
    }

    @Override
    default void cumulativeSum(Buffer x, Buffer y, Axis axis, boolean fromEnd) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        lines(
                axis,
                (start, line) -> {
                    double sum = 0;
                    for (int k = 0; k < axis.n(); k++) {
                        int i = fromEnd ? axis.n() - 1 - k : k;
                        sum += from.get(start + i * axis.inner());
                        to.set(start + i * axis.inner(), sum);
                    }
                });
    }

    @Override
    default void sort(Buffer x, Buffer y, Buffer index, Axis axis, boolean descending) {
        HostBuffer from = host(x);
        Axis kept = axis.sized(y.length());
        lines(
                axis,
                (start, line) -> {
                    Integer[] order = new Integer[axis.n()];
                    Arrays.setAll(order, i -> i);
                    // Adding 0 makes -0 equal to it.
                    Comparator<Integer> bySize =
                            Comparator.comparingDouble(i -> from.get(start + i * axis.inner()) + 0);
                    Arrays.sort(order, descending ? bySize.reversed() : bySize);
                    int first = kept.line(line);
                    for (int k = 0; k < kept.n(); k++) {
                        int place = first + k * axis.inner();
                        host(index).setLong(place, order[k]);
                        host(y).set(place, from.get(start + order[k] * axis.inner()));
                    }
                });
    }

    static int argmax(HostBuffer x, int start, Axis axis) {
        int best = 0;
        double max = x.get(start);
        for (int i = 1; i < axis.n() && !Double.isNaN(max); i++) {
            double v = x.get(start + i * axis.inner());
            if (v > max || Double.isNaN(v)) {
                max = v;
                best = i;
            }
        }
        return best;
    }

    @Override
    default void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        HostBuffer g = host(dy);
        HostBuffer at = host(index);
        HostBuffer to = host(dx);
        fill(dx, 0);
        lines(
                axis,
                (start, line) ->
                        to.set(start + (int) at.getLong(line) * axis.inner(), g.get(line)));
    }

    @Override
    default void softmax(Buffer x, Buffer y, Axis axis, boolean log) {
        if (axis.n() == 0) {
            return;
        }
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        lines(
                axis,
                (start, line) -> {
                    double max = from.get(start + argmax(from, start, axis) * axis.inner());
                    double sum = sumExp(from, start, axis, max);
                    double logSum = StrictMath.log(sum);
                    for (int i = 0; i < axis.n(); i++) {
                        int at = start + i * axis.inner();
                        double v = from.get(at) - max;
                        to.set(at, log ? v - logSum : StrictMath.exp(v) / sum);
                    }
                });
    }

    @Override
    default void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis, boolean log) {
        HostBuffer from = host(y);
        HostBuffer g = host(dy);
        HostBuffer to = host(dx);
        lines(
                axis,
                (start, line) -> {
                    double sum = log ? sum(g, start, axis) : dot(from, g, start, axis);
                    for (int i = 0; i < axis.n(); i++) {
                        int at = start + i * axis.inner();
                        to.set(
                                at,
                                log
                                        ? g.get(at) - StrictMath.exp(from.get(at)) * sum
                                        : from.get(at) * (g.get(at) - sum));
                    }
                });
    }

    private static double dot(HostBuffer a, HostBuffer b, int start, Axis axis) {
        double sum = 0;
        for (int i = 0; i < axis.n(); i++) {
            int at = start + i * axis.inner();
            sum += a.get(at) * b.get(at);
        }
        return sum;
    }

    private static double sumExp(HostBuffer x, int start, Axis axis, double max) {
        double sum = 0;
        for (int i = 0; i < axis.n(); i++) {
            sum += StrictMath.exp(x.get(start + i * axis.inner()) - max);
        }
        return sum;
    }

    private static void lines(Axis axis, Line body) {
        for (int line = 0; line < axis.outer() * axis.inner(); line++) {
            body.at(axis.line(line), line);
        }
    }
}
