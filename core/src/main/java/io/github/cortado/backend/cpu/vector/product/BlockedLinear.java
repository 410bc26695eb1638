package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Packed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A linear layer as one blocked product, which copies w into panels: {@link Gemm}. */
record BlockedLinear(LinearSpec problem, boolean parallel) implements Products.Linear {
    BlockedLinear(LinearSpec p) {
        this(p, Gemm.isLarge(p.m(), p.n(), p.k()));
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y) {
        LinearSpec p = problem;
        Gemm product =
                new Gemm(
                        p.m(),
                        p.n(),
                        p.k(),
                        Matrix.of(x, 0, p.k()),
                        Matrix.transposed(w, 0, p.k()),
                        Matrix.of(y, 0, p.n()),
                        Epilogue.of(b, p.relu(), y));
        Object layout = List.of("panels", p.n(), p.k());
        float[] kept = Packed.kept(w, null, layout, product.panelsLength(), product::pack);
        product.with(kept).run(parallel);
    }
}
