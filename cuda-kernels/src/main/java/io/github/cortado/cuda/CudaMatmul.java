package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import org.jspecify.annotations.Nullable;

/** Matrix products: see {@code matmul.cu}, or by cuBLAS. */
interface CudaMatmul extends CudaMemory {
    @Override
    default void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        if (y.length() == 0) {
            return;
        }
        if (stride(s.aOffsets()) != IRREGULAR && stride(s.bOffsets()) != IRREGULAR) {
            product(Op.MATMUL, a, b, null, y, s, false);
            return;
        }
        // A batch that is stretched in more than one way: a product at a time.
        for (int i = 0; i < s.batch(); i++) {
            MatmulSpec one =
                    new MatmulSpec(
                            s.m(),
                            s.n(),
                            s.k(),
                            s.transA(),
                            s.transB(),
                            new int[] {s.aOffsets()[i]},
                            new int[] {s.bOffsets()[i]});
            Buffer part = y.slice(i * s.m() * s.n(), s.m() * s.n());
            product(Op.MATMUL, a, b, null, part, one, false);
        }
    }

    /** What {@link #stride} says of offsets that are not evenly spaced. */
    int IRREGULAR = Integer.MIN_VALUE;

    private static int stride(int[] offsets) {
        int stride = offsets.length < 2 ? 0 : offsets[1] - offsets[0];
        for (int i = 1; i < offsets.length; i++) {
            if (offsets[i] - offsets[i - 1] != stride) {
                return IRREGULAR;
            }
        }
        return stride;
    }

    @Override
    default void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, LinearSpec s) {
        if (y.length() > 0) {
            MatmulSpec product = MatmulSpec.single(s.m(), s.n(), s.k(), false, true);
            product(Op.LINEAR, x, w, b, y, product, s.relu());
        }
    }

    @Override
    default void linearGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            LinearSpec s) {
        MatmulSpec toWeight = MatmulSpec.single(s.n(), s.k(), s.m(), true, false);
        Task task = new Task(Op.MATMUL, productOf(toWeight), false, false, isTf32());
        if (dw != null && db != null && dw.length() > 0 && choices().isOwn(task)) {
            ownProduct(dy, x, null, dw, db, toWeight, false);
            CudaMemory.super.linearGrad(x, w, dy, dx, null, null, s);
        } else {
            CudaMemory.super.linearGrad(x, w, dy, dx, dw, db, s);
        }
    }

    private static Product productOf(MatmulSpec s) {
        return new Product(
                s.m(),
                s.n(),
                s.k(),
                s.transA(),
                s.transB(),
                s.batch(),
                stride(s.aOffsets()),
                stride(s.bOffsets()));
    }

    private void product(
            Op op,
            Buffer a,
            Buffer b,
            @Nullable Buffer bias,
            Buffer y,
            MatmulSpec s,
            boolean relu) {
        Product p = productOf(s);
        choices()
                .run(
                        new Task(op, p, bias != null, relu, isTf32()),
                        () -> ownProduct(a, b, bias, y, null, s, relu),
                        way -> {
                            Buffer from = a.slice(s.aOffsets()[0], 0);
                            Buffer with = b.slice(s.bOffsets()[0], 0);
                            choices().cublas().product(from, with, y, p, isTf32());
                            Epilogue.run(gpu(), y, bias, s.n(), 1, relu);
                        });
    }

    /**
     * The same with our own kernels.
     *
     * @param sums becomes the sums of the rows of a single left matrix
     */
    default void ownProduct(
            Buffer a,
            Buffer b,
            @Nullable Buffer bias,
            Buffer y,
            @Nullable Buffer sums,
            MatmulSpec s,
            boolean relu) {
        int largest = CudaReductions.MAX_GRID_YZ;
        for (int from = 0; from < s.batch(); from += largest) {
            int batch = Math.min(largest, s.batch() - from);
            int columns = sums == null ? s.n() : s.n() + 1;
            Tiling tiling = Tiling.ofProduct(s.m(), columns, s.k(), batch, isTf32(), gpu());
            Buffer partial = empty(DType.FLOAT32, tiling.partialLength());
            Launch launch =
                    gpu().launch(productKernel(tiling.tile(), isTf32()))
                            .grid(tiling.across(), tiling.down(), batch * tiling.splits())
                            .block(isTf32() && tiling.tile() == 64 ? 128 : Launch.BLOCK, 1)
                            .pointer(a)
                            .pointer(b)
                            .pointer(bias)
                            .pointer(y.slice(from * s.m() * s.n(), batch * s.m() * s.n()))
                            .pointer(sums)
                            .pointer(partial)
                            .pointer(gpu().arrived());
            launch.struct()
                    .putInt(s.m())
                    .putInt(s.n())
                    .putInt(s.k())
                    .putInt(s.transA() ? 1 : 0)
                    .putInt(s.transB() ? 1 : 0)
                    .putInt(s.aOffsets()[from])
                    .putInt(stride(s.aOffsets()))
                    .putInt(s.bOffsets()[from])
                    .putInt(stride(s.bOffsets()))
                    .putInt(tiling.splits())
                    .putInt(relu ? 1 : 0);
            launch.run();
            partial.release("it held shares of a product");
        }
    }

    private static Kernel productKernel(int tile, boolean tf32) {
        if (tf32) {
            return tile == 128 ? Kernel.MATMUL_TF32_128 : Kernel.MATMUL_TF32_64;
        }
        return tile == 128 ? Kernel.MATMUL_128 : Kernel.MATMUL_64;
    }
}
