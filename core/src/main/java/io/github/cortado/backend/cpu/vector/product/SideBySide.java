package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.product.Products.MatmulProblem;

/** Many products, or small ones: each is one thread's. */
record SideBySide(MatmulProblem problem, int perChunk, int chunks) implements Products.Matmul {
    SideBySide(MatmulProblem p) {
        this(p, perChunk(p));
    }

    private SideBySide(MatmulProblem p, int perChunk) {
        this(p, perChunk, IntMath.ceilDiv(p.batch(), perChunk));
    }

    private static int perChunk(MatmulProblem p) {
        long work = Math.max(1, Gemm.work(p.m(), p.n(), p.k()));
        return (int) Math.max(1, Math.min(p.batch(), Gemm.PARALLEL_WORK / work));
    }

    @Override
    public void run(
            HostBuffer.Floats a,
            int[] aOffsets,
            HostBuffer.Floats b,
            int[] bOffsets,
            HostBuffer.Floats y) {
        Parallel.forChunks(
                chunks,
                chunk -> {
                    int end = Math.min(problem.batch(), (chunk + 1) * perChunk);
                    for (int i = chunk * perChunk; i < end; i++) {
                        BlockedMatmul.product(problem, a, aOffsets[i], b, bOffsets[i], y, i)
                                .run(false);
                    }
                });
    }
}
