package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.product.Products.MatmulProblem;
import org.jspecify.annotations.Nullable;

/** One product after the other, all threads at each that is worth it: {@link Gemm}. */
record BlockedMatmul(MatmulProblem problem, boolean parallel) implements Products.Matmul {
    /** Up to so many products leave threads without work where each has its own. */
    private static final int FEW = 3;

    BlockedMatmul(MatmulProblem p) {
        this(p, Gemm.isLarge(p.m(), p.n(), p.k()));
    }

    static @Nullable String obstacle(MatmulProblem p) {
        if (p.batch() > FEW) {
            return p.batch() + " products are enough for the threads";
        }
        return p.batch() <= 1 || Gemm.isLarge(p.m(), p.n(), p.k())
                ? null
                : "the products are small";
    }

    @Override
    public void run(
            HostBuffer.Floats a,
            int[] aOffsets,
            HostBuffer.Floats b,
            int[] bOffsets,
            HostBuffer.Floats y) {
        for (int i = 0; i < problem.batch(); i++) {
            product(problem, a, aOffsets[i], b, bOffsets[i], y, i).run(parallel);
        }
    }

    /** Product i of a batch, with the elements where its factors begin. */
    static Gemm product(
            MatmulProblem p,
            HostBuffer.Floats a,
            int aFirst,
            HostBuffer.Floats b,
            int bFirst,
            HostBuffer.Floats y,
            int i) {
        return new Gemm(
                p.m(),
                p.n(),
                p.k(),
                p.transA() ? Matrix.transposed(a, aFirst, p.m()) : Matrix.of(a, aFirst, p.k()),
                p.transB() ? Matrix.transposed(b, bFirst, p.k()) : Matrix.of(b, bFirst, p.n()),
                Matrix.of(y, i * p.m() * p.n(), p.n()),
                Epilogue.of(y, i * p.m()));
    }
}
