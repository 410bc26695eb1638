package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.product.Gemm.Panels;

/**
 * The right factor of several products, a matrix [k, n] that is put into panels once: {@link Gemm},
 * for what computes products and something in between.
 *
 * <p>Of its first columns alone a product can be made where k is at most {@value Gemm#KC}.
 */
public final class RightFactor {
    private static final Matrix NONE = new Matrix(new float[0], 0, 0, false);

    private final Matrix b;
    private final int k;
    private final int n;
    private final Panels panels;

    /** Puts b into panels, from an element on; {@link #length} says how many that takes. */
    public RightFactor(Matrix b, int k, int n, float[] panels, int first) {
        this.b = b;
        this.k = k;
        this.n = n;
        this.panels = new Panels(panels, first);
        new Gemm(0, n, k, NONE, b, NONE, Epilogue.NONE).pack(this.panels);
    }

    /** Floats of the panels. */
    public static int length(int k, int n) {
        return IntMath.roundUp(n, GemmKernels.NR) * k;
    }

    /** c = a b, a [m, k], of all columns of b. */
    public void times(int m, Matrix a, Matrix c, boolean add) {
        times(m, n, a, c, add);
    }

    /** c = a b, a [m, k], of the first columns of b; or c + a b. */
    public void times(int m, int columns, Matrix a, Matrix c, boolean add) {
        assert columns == n || k <= Gemm.KC;
        run(new Gemm(m, columns, k, a, b, c, add ? Epilogue.ADD : Epilogue.NONE, panels));
    }

    /** c = a b, or c + a b, a [m, k] and b [k, n], once. */
    public static void once(int m, int n, int k, Matrix a, Matrix b, Matrix c, boolean add) {
        run(new Gemm(m, n, k, a, b, c, add ? Epilogue.ADD : Epilogue.NONE));
    }

    private static void run(Gemm product) {
        product.run(Gemm.isLarge(product.m(), product.n(), product.k()));
    }
}
