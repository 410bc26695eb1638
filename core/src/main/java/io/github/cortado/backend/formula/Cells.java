package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

import java.util.List;

/**
 * Cells of recurrent networks, after the products of their gates; long short-term memory is no
 * formula but {@code Backend.lstmCell}. Gradients have the state's gradient in two parts, dh of the
 * next step and dy of who reads the result.
 */
public final class Cells {
    /** h' = tanh(a + b): inputs a, b, what the state and the step's input make. */
    public static final Formula TANH =
            Formula.of("rnnTanh", 2, 0, a -> List.of(a.x(0).add(a.x(1)).tanh()));

    /** da = db = (dh + dy) (1 - h'^2): inputs h', dh, dy. */
    public static final Formula TANH_GRAD =
            Formula.of("rnnTanhGrad", 3, 0, a -> List.of(slope(a.x(0)).mul(a.x(1).add(a.x(2)))));

    /** h' = max(a + b, 0): inputs a, b. */
    public static final Formula RELU =
            Formula.of("rnnRelu", 2, 0, a -> List.of(a.x(0).add(a.x(1)).max(0)));

    /** da = db = dh + dy where h' is above 0, else 0: inputs h', dh, dy. */
    public static final Formula RELU_GRAD =
            Formula.of(
                    "rnnReluGrad",
                    3,
                    0,
                    a -> List.of(where(a.x(0), a.x(1).add(a.x(2)), constant(0))));

    /**
     * Gated recurrent unit (Cho et al., arXiv 1406.1078), the reset gate behind its product: r =
     * s(xr + hr), z = s(xz + hz), m = tanh(xm + r hm), h' = m + z (h - m). Inputs xr, xz, xm, hr,
     * hz, hm, h; output h'.
     */
    public static final Formula GRU =
            Formula.of(
                    "gru",
                    7,
                    0,
                    a -> {
                        Expression m = candidate(a);
                        return List.of(update(a).fma(a.x(6).sub(m), m));
                    });

    /**
     * Gradients of {@link #GRU}. Inputs its seven, dh, dy; outputs dxr = dhr, dxz = dhz, dxm, dhm,
     * and of dh what does not come through a gate.
     */
    public static final Formula GRU_GRAD =
            Formula.of(
                    "gruGrad",
                    9,
                    0,
                    a -> {
                        Expression r = a.x(0).add(a.x(3)).sigmoid();
                        Expression z = update(a);
                        Expression m = candidate(a);
                        Expression dy = a.x(7).add(a.x(8));
                        Expression dm = dy.mul(z.subFrom(1)).mul(slope(m));
                        return List.of(
                                dm.mul(a.x(5)).mul(steepness(r)),
                                dy.mul(a.x(6).sub(m)).mul(steepness(z)),
                                dm,
                                dm.mul(r),
                                dy.mul(z));
                    });

    private static Expression update(Formula.Arguments a) {
        return a.x(1).add(a.x(4)).sigmoid();
    }

    private static Expression candidate(Formula.Arguments a) {
        return a.x(0).add(a.x(3)).sigmoid().fma(a.x(5), a.x(2)).tanh();
    }

    /** Of a hyperbolic tangent, whose value t is. */
    private static Expression slope(Expression t) {
        return t.mul(t).subFrom(1);
    }

    /** Of a logistic function, whose value s is. */
    private static Expression steepness(Expression s) {
        return s.mul(s.subFrom(1));
    }

    private Cells() {}
}
