package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matrix products and linear layers. */
public final class Products {
    /** The sizes of a {@link MatmulSpec}; where its matrices begin is told with the buffers. */
    record MatmulProblem(int batch, int m, int n, int k, boolean transA, boolean transB) {
        // Written out as in Conv2dSpec.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof MatmulProblem p && Arrays.equals(numbers(), p.numbers());
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers());
        }

        private int[] numbers() {
            return new int[] {batch, m, n, k, transA ? 1 : 0, transB ? 1 : 0};
        }
    }

    /** y_i = op(a_i) op(b_i), from the elements on that a {@link MatmulSpec} names. */
    @FunctionalInterface
    interface Matmul {
        void run(
                HostBuffer.Floats a,
                int[] aOffsets,
                HostBuffer.Floats b,
                int[] bOffsets,
                HostBuffer.Floats y);
    }

    /** y of x; b may be null, for no bias. */
    @FunctionalInterface
    interface Linear {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.@Nullable Floats b,
                HostBuffer.Floats y);
    }

    final Ways<MatmulProblem, Matmul> matmul =
            new Ways<>(
                    "matmul",
                    () ->
                            List.of(
                                    Way.of("few rows", RowsByMatrix::obstacle, RowsByMatrix::new),
                                    Way.of("blocked", BlockedMatmul::obstacle, BlockedMatmul::new),
                                    Way.forAll("blocked, side by side", SideBySide::new)));

    final Ways<LinearSpec, Linear> linear =
            new Ways<>(
                    "linear",
                    () ->
                            List.of(
                                    Way.of("few rows", FewRows::obstacle, FewRows::new),
                                    Way.forAll("blocked", BlockedLinear::new)));

    /** {@link Backend#matmul}. */
    public void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        matmul.plan(new MatmulProblem(s.batch(), s.m(), s.n(), s.k(), s.transA(), s.transB()))
                .run(floats(a), s.aOffsets(), floats(b), s.bOffsets(), floats(y));
    }

    /** {@link Backend#linear}. */
    public void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, LinearSpec s) {
        linear.plan(s).run(floats(x), floats(w), floatsOrNull(b), floats(y));
    }
}
