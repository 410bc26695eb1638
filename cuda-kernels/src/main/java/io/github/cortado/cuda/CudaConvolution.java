package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.Unfused;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Convolution and its gradients: see {@code conv.cu}, {@code conv3x3.cu} and, on tensor cores,
 * {@code conv_tf32.cu}; or by cuDNN.
 */
interface CudaConvolution extends CudaMemory {
    /** Columns of the tiles of implicit products over pixels. */
    int PIXELS = 64;

    /** Threads of a block on tensor cores. */
    int TF32_THREADS = 128;

    @Override
    default void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s) {
        if (y.length() == 0) {
            return;
        }
        if (s.pool() != null) {
            pooled(x, w, b, y, index, s, s.pool());
            return;
        }
        if (s.isRectified() && s.limit() < Double.POSITIVE_INFINITY) {
            // Kernels and cuDNN have a ReLU alone.
            new Unfused(this).rectified(x, w, b, y, s);
            return;
        }
        Task task = new Task(Op.CONV, s.alone(), b != null, s.isRectified(), isTf32());
        choices()
                .run(
                        task,
                        () -> ownForward(x, w, b, y, s),
                        way -> choices().cudnn().forward(x, w, b, y, task, way),
                        x,
                        w,
                        b,
                        y);
    }

    /** The same with our own kernels. */
    default void ownForward(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        if (isDirect(s) && !isTf32()) {
            direct(x, w, b, y, null, s, false, s.isRectified());
            return;
        }
        int channels = s.outChannels() / s.groups();
        int rows = channels <= 32 ? 32 : 64;
        Launch launch =
                tiled(
                                rows,
                                Kernel.CONV_32,
                                Kernel.CONV_TF32_32,
                                Kernel.CONV_64,
                                Kernel.CONV_TF32_64)
                        .grid(
                                tiles(s.n() * s.outH() * s.outW(), PIXELS),
                                tiles(channels, rows),
                                s.groups())
                        .pointer(x)
                        .pointer(w)
                        .pointer(b)
                        .pointer(y);
        put(launch.struct(), s, 1, s.isRectified(), s.outH(), s.outW());
        launch.run();
    }

    @Override
    default void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        if (s.pool() != null) {
            pooledGrad(x, w, dy, index, dx, dw, db, s);
            return;
        }
        if (dx != null) {
            gradInput(dy, w, dx, s);
        }
        if (dw != null) {
            gradWeight(x, dy, dw, db, s);
        }
    }

    private void gradInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        if (dx.length() == 0) {
            return;
        }
        Task task = new Task(Op.CONV_GRAD_INPUT, s, false, false, isTf32());
        choices()
                .run(
                        task,
                        () -> ownGradInput(dy, null, w, dx, s),
                        way -> choices().cudnn().gradInput(dy, w, dx, task, way),
                        dy,
                        w,
                        dx);
    }

    /**
     * The same with our own kernels.
     *
     * @param index where dy is behind ReLU and pooling of the outputs: what that kept
     */
    default void ownGradInput(
            Buffer dy, @Nullable Buffer index, Buffer w, Buffer dx, Conv2dSpec s) {
        if (isDirect(s) && !isTf32()) {
            directGradInput(dy, index, w, dx, s);
            return;
        }
        int channels = s.inChannels() / s.groups();
        int rows = channels <= 32 ? 32 : 64;
        Launch launch =
                tiled(
                                rows,
                                Kernel.CONV_GRAD_INPUT_32,
                                Kernel.CONV_GRAD_INPUT_TF32_32,
                                Kernel.CONV_GRAD_INPUT_64,
                                Kernel.CONV_GRAD_INPUT_TF32_64)
                        .grid(
                                tiles(s.n() * s.h() * s.w(), PIXELS),
                                tiles(channels, rows),
                                s.groups())
                        .pointer(dy)
                        .pointer(index)
                        .pointer(w)
                        .pointer(dx);
        put(launch.struct(), s, 1, false, s.h(), s.w());
        launch.run();
    }

    private void gradWeight(Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        if (dw.length() == 0) {
            return;
        }
        Task task = new Task(Op.CONV_GRAD_WEIGHT, s, db != null, false, isTf32());
        choices()
                .run(
                        task,
                        () -> ownGradWeight(x, dy, null, dw, db, s),
                        way -> choices().cudnn().gradWeight(x, dy, dw, db, task, way),
                        x,
                        dy,
                        dw,
                        db);
    }

    /** The same with our own kernels; for index see {@link #ownGradInput}. */
    default void ownGradWeight(
            Buffer x,
            Buffer dy,
            @Nullable Buffer index,
            Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        int channels = s.outChannels() / s.groups();
        int columns = s.inChannels() / s.groups() * s.kernelH() * s.kernelW() + 1;
        int pixels = s.n() * s.outH() * s.outW();
        int rows = channels <= 32 || columns <= 32 ? 32 : 64;
        int step = isTf32() ? Tiling.TF32_STEP : 1024 / rows;
        Tiling tiling = Tiling.of(rows, rows, step, channels, columns, pixels, s.groups(), gpu());
        Buffer partial = empty(DType.FLOAT32, tiling.partialLength());
        Launch launch =
                tiled(
                                rows,
                                Kernel.CONV_GRAD_WEIGHT_32,
                                Kernel.CONV_GRAD_WEIGHT_TF32_32,
                                Kernel.CONV_GRAD_WEIGHT_64,
                                Kernel.CONV_GRAD_WEIGHT_TF32_64)
                        .grid(tiling.across(), tiling.down(), s.groups() * tiling.splits())
                        .pointer(x)
                        .pointer(dy)
                        .pointer(index)
                        .pointer(dw)
                        .pointer(db)
                        .pointer(partial)
                        .pointer(gpu().arrived());
        put(launch.struct(), s, tiling.splits(), false, s.outH(), s.outW());
        launch.run();
        partial.release("it held shares of a gradient");
    }

    /** A launch of the kernel for tiles with so many rows, on tensor cores where they may be. */
    private Launch tiled(int rows, Kernel narrow, Kernel narrowTf32, Kernel wide, Kernel wideTf32) {
        if (isTf32()) {
            return gpu().launch(rows == 32 ? narrowTf32 : wideTf32).block(TF32_THREADS, 1);
        }
        return gpu().launch(rows == 32 ? narrow : wide);
    }

    private static int tiles(int n, int size) {
        return (n + size - 1) / size;
    }

    /** The struct {@code Conv}; rows x columns is what pixel numbers run over. */
    private static void put(
            ByteBuffer to, Conv2dSpec s, int splits, boolean relu, int rows, int columns) {
        to.putInt(s.n())
                .putInt(s.inChannels() / s.groups())
                .putInt(s.h())
                .putInt(s.w())
                .putInt(s.outChannels() / s.groups())
                .putInt(s.outH())
                .putInt(s.outW())
                .putInt(s.groups())
                .putInt(s.kernelH())
                .putInt(s.kernelW())
                .putInt(s.strideH())
                .putInt(s.strideW())
                .putInt(s.padH())
                .putInt(s.padW())
                .putInt(s.dilationH())
                .putInt(s.dilationW())
                .putInt(splits)
                .putInt(relu ? 1 : 0);
        putDivisor(to, s.kernelH() * s.kernelW());
        putDivisor(to, s.kernelW());
        putDivisor(to, rows * columns);
        putDivisor(to, columns);
        putDivisor(to, s.strideH());
        putDivisor(to, s.strideW());
    }

    /** The struct {@code Divisor} of {@code cortado.cuh}: n / d = (high(n magic) + n) >> shift. */
    static void putDivisor(ByteBuffer to, int d) {
        int shift = 32 - Integer.numberOfLeadingZeros(d - 1);
        long magic = ((1L << 32) * ((1L << shift) - d)) / d + 1;
        to.putInt(d).putInt((int) magic).putInt(shift);
    }

    static boolean isDirect(Conv2dSpec s) {
        return s.groups() == 1
                && s.kernelH() == 3
                && s.kernelW() == 3
                && s.strideH() == 1
                && s.strideW() == 1
                && s.padH() == 1
                && s.padW() == 1
                && s.dilationH() == 1
                && s.dilationW() == 1;
    }

    /** A tile of the direct kernel: pictures x rows x columns of output pixels, 128 together. */
    enum DirectTile {
        WIDE(1, 4, 32, Kernel.CONV3X3_4X32_16, Kernel.CONV3X3_4X32_32),
        SQUARE(1, 8, 16, Kernel.CONV3X3_8X16_16, Kernel.CONV3X3_8X16_32),
        TWO_SMALL(2, 8, 8, Kernel.CONV3X3_2X8X8_16, Kernel.CONV3X3_2X8X8_32);

        final int pictures;
        final int rows;
        final int columns;
        final Kernel narrow;
        final Kernel wide;

        DirectTile(int pictures, int rows, int columns, Kernel narrow, Kernel wide) {
            this.pictures = pictures;
            this.rows = rows;
            this.columns = columns;
            this.narrow = narrow;
            this.wide = wide;
        }

        /** Tiles that cover n pictures of h x w. */
        long count(int n, int h, int w) {
            return (long) tiles(n, pictures) * tiles(h, rows) * tiles(w, columns);
        }

        /** The tile of which the fewest are needed, the wider one of equals. */
        static DirectTile best(int n, int h, int w) {
            DirectTile best = WIDE;
            for (DirectTile t : values()) {
                if (t.count(n, h, w) < best.count(n, h, w)) {
                    best = t;
                }
            }
            return best;
        }
    }

    private void directGradInput(
            Buffer dy, @Nullable Buffer index, Buffer w, Buffer dx, Conv2dSpec s) {
        direct(dy, w, null, dx, index, s, true, false);
    }

    /** Forward, or turned for the gradient; where index is given, forward pools and writes it. */
    private void direct(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s,
            boolean turned,
            boolean relu) {
        int channels = turned ? s.outChannels() : s.inChannels();
        int outChannels = turned ? s.inChannels() : s.outChannels();
        DirectTile tile = DirectTile.best(s.n(), s.h(), s.w());
        int blocks = Math.toIntExact(tile.count(s.n(), s.h(), s.w()));
        boolean wide =
                outChannels > 16
                        && (long) blocks * tiles(outChannels, 32)
                                >= 2L * gpu().properties().multiprocessors();
        Launch launch =
                gpu().launch(wide ? tile.wide : tile.narrow)
                        .grid(blocks, tiles(outChannels, wide ? 32 : 16), 1)
                        .block(128, 1)
                        .pointer(x)
                        .pointer(w)
                        .pointer(b)
                        .pointer(y)
                        .pointer(index);
        launch.struct()
                .putInt(s.n())
                .putInt(channels)
                .putInt(s.h())
                .putInt(s.w())
                .putInt(outChannels)
                .putInt(tiles(s.h(), tile.rows))
                .putInt(tiles(s.w(), tile.columns))
                .putInt(turned ? 1 : 0)
                .putInt(relu ? 1 : 0)
                .putInt(!turned && index != null ? 1 : 0);
        launch.run();
    }

    // With pooling behind it

    private void pooled(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s,
            Pool2dSpec pool) {
        Conv2dSpec conv = s.alone();
        Task task = new Task(Op.CONV, conv, b != null, false, isTf32());
        boolean holds = isTf32() ? tilesHoldWindows(conv) : isDirect(conv);
        if (!pool.relu() || !pool.isTwoByTwo() || !holds || !choices().isOwn(task)) {
            new Unfused(this).conv2d(x, w, b, y, index, s);
            return;
        }
        // The kernels write an index in any case.
        Buffer places = index == null ? empty(DType.UINT8, y.length()) : index;
        if (isTf32()) {
            int channels = conv.outChannels() / conv.groups();
            int rows = channels <= 32 ? 32 : 64;
            Launch launch =
                    gpu().launch(
                                    rows == 32
                                            ? Kernel.CONV_POOLED_TF32_32
                                            : Kernel.CONV_POOLED_TF32_64)
                            .block(TF32_THREADS, 1)
                            .grid(
                                    tiles(conv.n() * conv.outH() * conv.outW(), PIXELS),
                                    tiles(channels, rows),
                                    conv.groups())
                            .pointer(x)
                            .pointer(w)
                            .pointer(b)
                            .pointer(y)
                            .pointer(places);
            put(launch.struct(), conv, 1, true, conv.outH(), conv.outW());
            launch.run();
        } else {
            direct(x, w, b, y, places, conv, false, true);
        }
        if (index == null) {
            places.release("no gradient asks for it");
        }
    }

    /** Whether the pixels of a tile are whole pairs of rows. */
    private static boolean tilesHoldWindows(Conv2dSpec conv) {
        return conv.outH() % 2 == 0 && conv.outW() % 2 == 0 && PIXELS % (2 * conv.outW()) == 0;
    }

    private void pooledGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        Conv2dSpec conv = s.alone();
        Task toInput = new Task(Op.CONV_GRAD_INPUT, conv, false, false, isTf32());
        Task toWeight = new Task(Op.CONV_GRAD_WEIGHT, conv, db != null, false, isTf32());
        boolean own =
                (dx == null || choices().isOwn(toInput))
                        && (dw == null || choices().isOwn(toWeight));
        if (!own || s.pool() == null || !s.pool().isTwoByTwo()) {
            new Unfused(this).conv2dGrad(x, w, dy, index, dx, dw, db, s);
            return;
        }
        if (dx != null && dx.length() > 0) {
            ownGradInput(dy, index, w, dx, conv);
        }
        if (dw != null && dw.length() > 0) {
            ownGradWeight(x, dy, index, dw, db, conv);
        }
    }
}
