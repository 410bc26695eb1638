package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.cpu.vector.product.VectorGemm.Epilogue;
import org.jspecify.annotations.Nullable;

/** Matrix products and linear layers. */
public final class Products {
    public void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        int[] results = new int[s.batch()];
        for (int i = 0; i < results.length; i++) {
            results[i] = at(y) + i * s.m() * s.n();
        }
        VectorGemm.gemmBatched(
                s.batch(),
                s.m(),
                s.n(),
                s.k(),
                array(a),
                shifted(s.aOffsets(), at(a)),
                s.transA() ? s.m() : s.k(),
                s.transA(),
                array(b),
                shifted(s.bOffsets(), at(b)),
                s.transB() ? s.k() : s.n(),
                s.transB(),
                array(y),
                results,
                s.n(),
                false);
    }

    private static int[] shifted(int[] offsets, int by) {
        int[] out = new int[offsets.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = offsets[i] + by;
        }
        return out;
    }

    public void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, int m, int n, int k) {
        linear(x, w, y, m, n, k, b == null ? Epilogue.NONE : new Epilogue(array(b), at(b), false));
    }

    public void linearRelu(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, int m, int n, int k) {
        float[] bias = b == null ? Epilogue.NONE.bias() : array(b);
        linear(x, w, y, m, n, k, new Epilogue(bias, b == null ? 0 : at(b), true));
    }

    private static void linear(Buffer x, Buffer w, Buffer y, int m, int n, int k, Epilogue bias) {
        if (FewRowsProduct.fits(m, k)) {
            new FewRowsProduct(m, n, k, array(x), at(x), array(w), at(w), array(y), at(y), bias)
                    .run();
            return;
        }
        VectorGemm.gemm(
                m, n, k, array(x), at(x), k, false, array(w), at(w), k, true, array(y), at(y), n,
                false, bias);
    }
}
