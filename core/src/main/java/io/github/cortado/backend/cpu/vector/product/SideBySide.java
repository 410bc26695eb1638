package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Floats.Follower;
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
        int size = problem.m() * problem.n();
        // Large ones say themselves what is ready.
        boolean tells = y.isFollowed() && size <= 2 * Follower.PIECE;
        HostBuffer.Floats to = tells ? y.slice(0, y.length()) : y;
        Parallel.forChunks(
                chunks,
                chunk -> {
                    int end = Math.min(problem.batch(), (chunk + 1) * perChunk);
                    int told = chunk * perChunk;
                    for (int i = told; i < end; i++) {
                        BlockedMatmul.product(problem, a, aOffsets[i], b, bOffsets[i], to, i)
                                .run(false);
                        if (tells && (i + 1 == end || (i + 1 - told) * size >= Follower.PIECE)) {
                            y.ready(told * size, (i + 1 - told) * size);
                            told = i + 1;
                        }
                    }
                });
    }
}
