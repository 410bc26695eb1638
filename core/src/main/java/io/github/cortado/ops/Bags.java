package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Rows of a table by number, and one number of each bag of them: sum, mean or largest. */
public final class Bags {
    private static final String OP = "embeddingBag";

    /** What becomes of the rows of a bag; an empty bag is 0. */
    public enum Mode {
        /** Their sum. */
        SUM,
        /** Their mean. */
        MEAN,
        /** The largest of each column. */
        MAX
    }

    private final Tensor index;
    private final Tensor table;
    private final Mode mode;

    private final int padding;

    /** For each row 1, or 0 if it is the one that stands for nothing; null if there is none. */
    private final @Nullable Tensor counted;

    private Bags(Tensor index, Tensor table, Mode mode, int padding) {
        this.index = index;
        this.table = table;
        this.mode = mode;
        this.padding = padding;
        Select.checkTable(OP, table, padding);
        counted = padding < 0 ? null : Select.embedding(index, others(padding), -1);
    }

    /** A column of 1, and of 0 at one row of the table. */
    private Tensor others(int padding) {
        int n = table.dim(0);
        return Constants.of(
                table.device(),
                table.dtype(),
                List.of("others", n, padding),
                () -> {
                    float[] ones = new float[n];
                    Arrays.fill(ones, 1);
                    ones[padding] = 0;
                    return Tensor.of(ones, n, 1);
                });
    }

    /**
     * Bags of one size: from numbers [bags, size] and a table [rows, width] to [bags, width].
     *
     * @param padding the row that is not counted and has no gradient, or -1
     */
    public static Tensor apply(Tensor index, Tensor table, Mode mode, int padding) {
        Checks.require(
                index.shape().rank() == 2,
                "%s: expects numbers [bags, size], or [all] with offsets, got %s",
                OP,
                index.shape());
        return new Bags(index, table, mode, padding).ofOneSize();
    }

    private Tensor ofOneSize() {
        if (mode == Mode.MAX && index.dim(1) > 0) {
            return counted == null
                    ? rows().max(1, false).values()
                    : largest(counted, rows(), counted.max(1, false).values());
        }
        Tensor sum = ofOneSizeSums();
        if (mode != Mode.MEAN || index.dim(1) == 0) {
            return sum;
        }
        return counted == null ? sum.div(index.dim(1)) : mean(sum, counted.sum(false, 1));
    }

    private Tensor ofOneSizeSums() {
        int bags = index.dim(0);
        int size = index.dim(1);
        if (counted != null) {
            return summands(counted).sum(false, 1);
        }
        Tensor numbers =
                Constants.index(
                        table.device(),
                        List.of("bags", bags, size),
                        () -> LongStream.range(0, (long) bags * size).map(i -> i / size).toArray());
        return Select.sums(OP, table, 0, index.reshape(index.size()), numbers, bags);
    }

    /** The rows of all bags. */
    private Tensor rows() {
        return Select.embedding(OP, index, table, padding);
    }

    private Tensor summands(Tensor which) {
        return Arrange.where(which, rows(), number(0));
    }

    private Tensor number(double value) {
        return table.sibling(Shape.of()).fill(value);
    }

    private static Tensor mean(Tensor sum, Tensor counts) {
        return sum.div(counts.clamp(1, Double.POSITIVE_INFINITY));
    }

    /** Largest of those along dimension 1 that count; 0 where none does. */
    private Tensor largest(Tensor which, Tensor all, Tensor any) {
        Tensor most =
                Arrange.where(which, all, number(Double.NEGATIVE_INFINITY)).max(1, false).values();
        return Arrange.where(any, most, number(0));
    }

    /**
     * Bags one after the other: from numbers [all] to [bags, width]. Which bag a number is in is
     * found by counting where they begin, and the largest by a copy for each bag, so that no offset
     * need be read.
     *
     * @param offsets where each bag begins, [bags], the first at 0 and each where or behind where
     *     the one before does
     * @param padding the row that is not counted and has no gradient, or -1
     */
    public static Tensor apply(Tensor index, Tensor offsets, Tensor table, Mode mode, int padding) {
        Checks.integers(OP, "offsets", offsets);
        Checks.sameDevice(OP, index, offsets);
        Checks.require(
                index.shape().rank() == 1 && offsets.shape().rank() == 1 && offsets.size() > 0,
                "%s: expects numbers [all] with offsets [bags], got %s and %s",
                OP,
                index.shape(),
                offsets.shape());
        Checks.require(
                index.size() <= 1 << 24,
                "%s: expects at most 2^24 numbers with offsets, got %s",
                OP,
                index.shape());
        return new Bags(index, table, mode, padding).from(offsets);
    }

    private Tensor from(Tensor offsets) {
        int all = index.size();
        int bags = offsets.size();
        checkOrder(offsets, all);
        // The bag of a place: how many begin there or before it, but one.
        Tensor one = table.sibling(Shape.of(bags, 1)).fill(1);
        Tensor beginning = Select.sumByIndex(one, offsets, all + 1);
        Tensor bag = beginning.squeeze(1).narrow(0, 0, all).cumsum(0).sub(1);
        Tensor numbers = bag.to(DType.INT64);
        checkFirst(offsets, numbers);
        if (mode == Mode.MAX && all > 0) {
            Tensor own = Constants.numbers(table.device(), table.dtype(), bags).unsqueeze(1);
            Tensor which = bag.sub(own).abs().clamp(0, 1).neg().add(1);
            if (counted != null) {
                which = which.mul(counted.squeeze(1));
            }
            Tensor any = which.max(1, true).values();
            return largest(which.unsqueeze(2), rows().unsqueeze(0), any);
        }
        Tensor sum =
                counted == null
                        ? Select.sums(OP, table, 0, index, numbers, bags)
                        : Select.sumByIndex(summands(counted), numbers, bags);
        if (mode != Mode.MEAN) {
            return sum;
        }
        Tensor ones = counted == null ? table.sibling(Shape.of(all, 1)).fill(1) : counted;
        return mean(sum, Select.sumByIndex(ones, numbers, bags));
    }

    /** A bag whose end lies before its begin, or behind all, has a size that an index finds. */
    private void checkOrder(Tensor offsets, int all) {
        int bags = offsets.size();
        Tensor begins = offsets.to(table.dtype());
        Tensor ends =
                Tensor.cat(
                        0,
                        begins.narrow(0, 1, bags - 1),
                        ClassLosses.number(table, all).reshape(1));
        // With where the first begins, which may be below 0.
        Tensor sizes = Tensor.cat(0, begins.narrow(0, 0, 1), ends.sub(begins)).to(DType.INT64);
        Checks.indices(
                table,
                sizes,
                all + 1,
                () -> OP + ": expected offsets up to " + all + ", none less than the one before it",
                offsets);
    }

    /** What lies before the first offset is in bag -1, which an index finds. */
    private void checkFirst(Tensor offsets, Tensor numbers) {
        Checks.indices(
                table,
                numbers,
                offsets.size(),
                () -> OP + ": expected offsets that begin with 0",
                offsets);
    }
}
