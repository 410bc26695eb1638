package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.Strided;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Buffers in a GPU's memory, and moving elements between them. */
interface CudaMemory extends Backend {
    /** Dimensions that a kernel walks over at most; see {@code cortado.cuh}. */
    int MAX_RANK = 8;

    /** The GPU that computes. */
    Gpu gpu();

    /** Who computes what, where NVIDIA's libraries can as well. */
    Choices choices();

    /** Whether factors of products and convolutions may be rounded to TF32. */
    boolean isTf32();

    static CudaBuffer cuda(Buffer b) {
        return (CudaBuffer) b;
    }

    @Override
    default Buffer allocate(DType dtype, int length) {
        return gpu().zeros(dtype, length);
    }

    @Override
    default Buffer empty(DType dtype, int length) {
        return gpu().empty(dtype, length);
    }

    @Override
    default void upload(Object array, Buffer y) {
        gpu().staging().upload(array, cuda(y));
    }

    @Override
    default void download(Buffer x, Object array) {
        gpu().staging().download(cuda(x), array);
    }

    @Override
    default void copy(Buffer x, Buffer y) {
        if (x.length() > 0) {
            try (Gpu.Turn t = gpu().turn()) {
                Driver.check(
                        cuMemcpyDtoDAsync(
                                Raw.device(cuda(y).address()),
                                Raw.device(cuda(x).address()),
                                cuda(x).bytes(),
                                gpu().stream()),
                        "copying");
            }
        }
    }

    @Override
    default void fill(Buffer y, double value) {
        if (y.length() == 0) {
            return;
        }
        switch (y.dtype()) {
            case FLOAT32 -> fill(y, Float.floatToRawIntBits((float) value));
            case INT32 -> fill(y, (int) value);
            case UINT8 -> fill(y, (byte) (int) value);
            case BOOL -> fill(y, (byte) (value != 0 ? 1 : 0));
            case INT64 -> fill(y, (long) value);
            case FLOAT64 -> fill(y, Double.doubleToRawLongBits(value));
        }
    }

    private void fill(Buffer y, byte bits) {
        try (Gpu.Turn t = gpu().turn()) {
            Driver.check(
                    cuMemsetD8Async(
                            Raw.device(cuda(y).address()), bits, y.length(), gpu().stream()),
                    "filling");
        }
    }

    private void fill(Buffer y, int bits) {
        try (Gpu.Turn t = gpu().turn()) {
            Driver.check(
                    cuMemsetD32Async(
                            Raw.device(cuda(y).address()), bits, y.length(), gpu().stream()),
                    "filling");
        }
    }

    private void fill(Buffer y, long bits) {
        gpu().launch(Kernel.FILL_8, y.length()).pointer(y).int32(y.length()).int64(bits).run();
    }

    @Override
    default void increment(Buffer y, long by) {
        if (y.length() > 0) {
            gpu().launch(Kernel.INCREMENT, y.length()).pointer(y).int32(y.length()).int64(by).run();
        }
    }

    @Override
    default void cast(Buffer x, Buffer y) {
        // What is true or false is stored as the byte 1 or 0.
        DType from = x.dtype() == DType.BOOL ? DType.UINT8 : x.dtype();
        if (from == y.dtype() || x.dtype() == y.dtype()) {
            copy(x, y);
        } else if (x.length() > 0) {
            Kernel kernel = Kernel.valueOf("CAST_" + letters(from) + "_" + letters(y.dtype()));
            gpu().launch(kernel, x.length()).pointer(x).pointer(y).int32(x.length()).run();
        }
    }

    private static String letters(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
            case INT32 -> "I32";
            case INT64 -> "I64";
            case UINT8 -> "U8";
            case BOOL -> "B8";
        };
    }

    @Override
    default void compare(Relation how, Buffer a, Buffer b, Buffer mask) {
        if (mask.length() > 0) {
            boolean truths = a.dtype() == DType.BOOL;
            gpu().launch(truths ? Kernel.COMPARE_B8 : Kernel.COMPARE_I64, mask.length())
                    .pointer(a)
                    .pointer(b)
                    .pointer(mask)
                    .int32(mask.length())
                    .int32(b.length() == 1 ? 0 : 1)
                    .int32(truths ? how.ofTruths() : how.ofNumbers())
                    .run();
        }
    }

    @Override
    default void gather(Buffer x, Buffer y, Strided from) {
        Kernel kernel =
                switch (x.dtype().bytes()) {
                    case 1 -> Kernel.GATHER_1;
                    case 4 -> Kernel.GATHER_4;
                    default -> Kernel.GATHER_8;
                };
        region(kernel, cuda(x), cuda(y), from, true);
    }

    @Override
    default void scatter(Buffer x, Buffer y, Strided to) {
        Kernel kernel =
                switch (x.dtype().bytes()) {
                    case 1 -> Kernel.SCATTER_1;
                    case 4 -> Kernel.SCATTER_4;
                    default -> Kernel.SCATTER_8;
                };
        region(kernel, cuda(x), cuda(y), to, false);
    }

    /** Launches once for a region that a kernel can walk over, else once for each outermost row. */
    private void region(Kernel kernel, CudaBuffer x, CudaBuffer y, Strided s, boolean gathers) {
        int size = s.size();
        if (size == 0) {
            return;
        }
        int rank = s.shape().length;
        if (rank > MAX_RANK) {
            int rows = s.shape()[0];
            int row = size / rows;
            for (int i = 0; i < rows; i++) {
                Strided inner =
                        new Strided(
                                Arrays.copyOfRange(s.shape(), 1, rank),
                                Arrays.copyOfRange(s.strides(), 1, rank),
                                s.offset() + i * s.strides()[0]);
                CudaBuffer from = gathers ? x : x.slice(i * row, row);
                CudaBuffer to = gathers ? y.slice(i * row, row) : y;
                region(kernel, from, to, inner, gathers);
            }
            return;
        }
        long shift = (long) s.offset() * x.dtype().bytes();
        Launch launch =
                gpu().launch(kernel, size)
                        .int64(x.address() + (gathers ? shift : 0))
                        .int64(y.address() + (gathers ? 0 : shift))
                        .int32(size);
        ByteBuffer region = launch.struct().putInt(rank);
        putPadded(region, s.shape());
        putPadded(region, s.strides());
        launch.run();
    }

    /** Puts an array of {@link #MAX_RANK} ints. */
    static void putPadded(ByteBuffer to, int[] values) {
        for (int d = 0; d < MAX_RANK; d++) {
            to.putInt(d < values.length ? values[d] : 0);
        }
    }

    @Override
    default void synchronize() {
        gpu().synchronize();
    }

    @Override
    default long nanoseconds(Runnable work) {
        return gpu().nanoseconds(work);
    }

    @Override
    default long bytesInUse() {
        try (Gpu.Turn t = gpu().turn()) {
            return gpu().memory().inUse();
        }
    }
}
