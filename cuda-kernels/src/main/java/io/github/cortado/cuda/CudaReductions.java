package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Strided;

/** Along one axis: see {@code reduce.cu}, {@code order.cu} and {@code softmax.cu}. */
interface CudaReductions extends CudaMemory {
    /** Largest size of a grid in its second and third dimension. */
    int MAX_GRID_YZ = 65_535;

    /** Columns of a block, and its lanes along the axis. */
    int COLUMNS = 32;

    int LANES = 8;

    @Override
    default void cumulativeSum(Buffer x, Buffer y, Axis axis, boolean fromEnd) {
        if (y.length() > 0) {
            long lines = (long) axis.outer() * axis.inner();
            gpu().launch(Kernel.CUMULATIVE_SUM, axis.inner() == 1 ? 32 * lines : lines)
                    .pointer(x)
                    .pointer(y)
                    .int32(axis.outer())
                    .int32(axis.n())
                    .int32(axis.inner())
                    .int32(fromEnd ? 1 : 0)
                    .run();
        }
    }

    @Override
    default void sort(Buffer x, Buffer y, Buffer index, Axis axis, boolean descending) {
        if (y.length() == 0) {
            return;
        }
        Axis kept = axis.sized(y.length());
        if (kept.n() == axis.n()) {
            sorted(x, y, index, axis, descending);
            return;
        }
        Buffer all = empty(DType.FLOAT32, x.length());
        Buffer places = empty(DType.INT64, x.length());
        sorted(x, all, places, axis, descending);
        int[] sizes = {kept.outer(), kept.n(), kept.inner()};
        int[] strides = {axis.n() * axis.inner(), axis.inner(), 1};
        Strided first = new Strided(sizes, strides, 0);
        gather(all, y, first);
        gather(places, index, first);
        all.release("it held whole lines");
        places.release("it held whole lines");
    }

    private void sorted(Buffer x, Buffer y, Buffer index, Axis axis, boolean descending) {
        gpu().launch(Kernel.SORT_LINES)
                .grid(gpu().blocks((long) axis.outer() * axis.inner()))
                .pointer(x)
                .pointer(y)
                .pointer(index)
                .int32(axis.outer())
                .int32(axis.n())
                .int32(axis.inner())
                .int32(descending ? 1 : 0)
                .run();
    }

    @Override
    default void sum(Buffer x, Buffer y, Axis axis) {
        if (y.length() == 0) {
            return;
        }
        if (axis.n() == 0) {
            fill(y, 0);
            return;
        }
        int parts = parts(axis);
        if (parts == 1) {
            sum(x, y, axis, 1);
            return;
        }
        Buffer partial = empty(DType.FLOAT32, Math.multiplyExact(y.length(), parts));
        sum(x, partial, axis, parts);
        sum(partial, y, new Axis(axis.outer(), parts, axis.inner()), 1);
        partial.release("it held partial sums");
    }

    /**
     * Into how many parts an axis is cut: more where there are few results and the axis is long.
     */
    static int parts(Axis axis) {
        long blocks =
                axis.inner() == 1
                        ? axis.outer()
                        : (long) axis.outer() * ((axis.inner() + COLUMNS - 1) / COLUMNS);
        int longest = axis.inner() == 1 ? 4 * Launch.BLOCK : 4 * LANES;
        long wanted = 128 / Math.max(blocks, 1);
        return (int) Math.max(1, Math.min(wanted, axis.n() / longest));
    }

    private void sum(Buffer x, Buffer y, Axis axis, int parts) {
        if (axis.inner() == 1) {
            gpu().launch(Kernel.SUM_ROWS)
                    .grid(gpu().blocks(axis.outer()), parts, 1)
                    .pointer(x)
                    .pointer(y)
                    .int32(axis.outer())
                    .int32(axis.n())
                    .int32(parts)
                    .run();
        } else {
            gpu().launch(Kernel.SUM_COLUMNS)
                    .grid(
                            (axis.inner() + COLUMNS - 1) / COLUMNS,
                            parts,
                            Math.min(gpu().blocks(axis.outer()), MAX_GRID_YZ))
                    .block(COLUMNS, LANES)
                    .pointer(x)
                    .pointer(y)
                    .int32(axis.outer())
                    .int32(axis.n())
                    .int32(axis.inner())
                    .int32(parts)
                    .run();
        }
    }

    @Override
    default void max(Buffer x, Buffer y, Buffer index, Axis axis) {
        if (y.length() == 0) {
            return;
        }
        if (axis.inner() == 1) {
            gpu().launch(Kernel.MAX_ROWS)
                    .grid(gpu().blocks(axis.outer()))
                    .pointer(x)
                    .pointer(y)
                    .pointer(index)
                    .int32(axis.outer())
                    .int32(axis.n())
                    .run();
        } else {
            gpu().launch(Kernel.MAX_COLUMNS)
                    .grid(
                            (axis.inner() + COLUMNS - 1) / COLUMNS,
                            Math.min(gpu().blocks(axis.outer()), MAX_GRID_YZ),
                            1)
                    .block(COLUMNS, LANES)
                    .pointer(x)
                    .pointer(y)
                    .pointer(index)
                    .int32(axis.outer())
                    .int32(axis.n())
                    .int32(axis.inner())
                    .run();
        }
    }

    @Override
    default void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        if (dx.length() > 0) {
            axis(
                    gpu().launch(Kernel.MAX_GRAD, dx.length())
                            .pointer(dy)
                            .pointer(index)
                            .pointer(dx),
                    axis);
        }
    }

    @Override
    default void softmax(Buffer x, Buffer y, Axis axis, boolean log) {
        lines(log ? Kernel.LOG_SOFTMAX : Kernel.SOFTMAX, axis, x, y);
    }

    @Override
    default void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis, boolean log) {
        lines(log ? Kernel.LOG_SOFTMAX_GRAD : Kernel.SOFTMAX_GRAD, axis, y, dy, dx);
    }

    private void lines(Kernel kernel, Axis axis, Buffer... buffers) {
        long lines = (long) axis.outer() * axis.inner();
        if (lines == 0 || axis.n() == 0) {
            return;
        }
        Launch launch = gpu().launch(kernel, threads(lines, axis.inner()));
        for (Buffer b : buffers) {
            launch.pointer(b);
        }
        axis(launch, axis);
    }

    /** Threads for so many lines: a warp for each where inner is 1. */
    static long threads(long lines, int inner) {
        return inner == 1 ? 32 * lines : lines;
    }

    private static void axis(Launch launch, Axis axis) {
        launch.int32(axis.outer()).int32(axis.n()).int32(axis.inner()).run();
    }
}
