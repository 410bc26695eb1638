package io.github.cortado.backend.formula;

import java.util.List;

/**
 * Optimizers' steps over weights w, gradients g and what the optimizer keeps; w and that are
 * outputs too, computed in place. Parameters are named in their order; a weight decay is one by the
 * gradient, g' = g + decay w, where nothing else is said.
 */
public final class Updates {
    /**
     * w -= lr g'. Inputs w, g; outputs w; parameters lr, decay. PyTorch's formulas, as in all
     * others here.
     */
    public static final Formula SGD =
            Formula.of("sgd", 2, 2, a -> List.of(a.x(0).sub(decayed(a, 1).mul(a.p(0)))));

    /**
     * The first step of {@link #SGD_MOMENTUM}: v = g'. Inputs w, g; outputs w, v; parameters lr,
     * decay, momentum, 1 - dampening.
     */
    public static final Formula SGD_FIRST =
            Formula.of(
                    "sgdFirst",
                    2,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        return List.of(a.x(0).sub(g.mul(a.p(0))), g);
                    });

    /**
     * v = momentum v + (1 - dampening) g'; w -= lr v. Inputs w, g, v; outputs w, v; parameters lr,
     * decay, momentum, 1 - dampening.
     */
    public static final Formula SGD_MOMENTUM =
            Formula.of(
                    "sgdMomentum",
                    3,
                    4,
                    a -> {
                        Expression v = velocity(a, decayed(a, 1));
                        return List.of(a.x(0).sub(v.mul(a.p(0))), v);
                    });

    /** The first step of {@link #NESTEROV}: v = g'; w -= lr (g' + momentum v). */
    public static final Formula NESTEROV_FIRST =
            Formula.of(
                    "nesterovFirst",
                    2,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        return List.of(a.x(0).sub(g.fma(a.p(2), g).mul(a.p(0))), g);
                    });

    /** As {@link #SGD_MOMENTUM}, with w -= lr (g' + momentum v). */
    public static final Formula NESTEROV =
            Formula.of(
                    "nesterov",
                    3,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = velocity(a, g);
                        return List.of(a.x(0).sub(v.fma(a.p(2), g).mul(a.p(0))), v);
                    });

    /**
     * Kingma and Ba, arXiv 1412.6980: m = beta1 m + (1 - beta1) g'; v = beta2 v + (1 - beta2) g'^2;
     * w -= lr / correction1 m / (sqrt(v / correction2) + eps). Inputs w, g, m, v; outputs w, m, v;
     * parameters lr, decay, beta1, beta2, eps, correction1 = 1 - beta1^t, correction2 = 1 -
     * beta2^t.
     */
    public static final Formula ADAM =
            Formula.of("adam", 4, 7, a -> adam(a, a.x(0), decayed(a, 1)));

    /**
     * Loshchilov and Hutter, arXiv 1711.05101: as {@link #ADAM}, but g' = g and w -= lr decay w.
     */
    public static final Formula ADAMW =
            Formula.of(
                    "adamW", 4, 7, a -> adam(a, a.x(0).mul(a.p(0).mul(a.p(1)).subFrom(1)), a.x(1)));

    /**
     * Tieleman and Hinton, Coursera lecture 6.5: v = alpha v + (1 - alpha) g'^2; w -= lr g' /
     * (sqrt(v) + eps). Inputs w, g, v; outputs w, v; parameters lr, decay, alpha, eps.
     */
    public static final Formula RMSPROP =
            Formula.of(
                    "rmsProp",
                    3,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = average(a.x(2), a.p(2), g);
                        return List.of(a.x(0).sub(g.div(v.sqrt().add(a.p(3))).mul(a.p(0))), v);
                    });

    /**
     * As {@link #RMSPROP}, with u = momentum u + g' / (sqrt(v) + eps) and w -= lr u. Inputs w, g,
     * v, u; outputs w, v, u; parameters lr, decay, alpha, eps, momentum.
     */
    public static final Formula RMSPROP_MOMENTUM =
            Formula.of(
                    "rmsPropMomentum",
                    4,
                    5,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = average(a.x(2), a.p(2), g);
                        Expression d = g.div(v.sqrt().add(a.p(3)));
                        Expression u = a.x(3).fma(a.p(4), d);
                        return List.of(a.x(0).sub(u.mul(a.p(0))), v, u);
                    });

    /**
     * Duchi et al., 2011: v = v + g'^2; w -= lr g' / (sqrt(v) + eps). Inputs w, g, v; outputs w, v;
     * parameters lr, decay, eps.
     */
    public static final Formula ADAGRAD =
            Formula.of(
                    "adagrad",
                    3,
                    3,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = g.fma(g, a.x(2));
                        return List.of(a.x(0).sub(g.div(v.sqrt().add(a.p(2))).mul(a.p(0))), v);
                    });

    /**
     * Zeiler, arXiv 1212.5701: v = rho v + (1 - rho) g'^2; d = sqrt(u + eps) / sqrt(v + eps) g'; u
     * = rho u + (1 - rho) d^2; w -= lr d. Inputs w, g, v, u; outputs w, v, u; parameters lr, decay,
     * rho, eps.
     */
    public static final Formula ADADELTA =
            Formula.of(
                    "adadelta",
                    4,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = average(a.x(2), a.p(2), g);
                        Expression scale = a.x(3).add(a.p(3)).sqrt().div(v.add(a.p(3)).sqrt());
                        Expression d = scale.mul(g);
                        return List.of(a.x(0).sub(d.mul(a.p(0))), v, average(a.x(3), a.p(2), d));
                    });

    /**
     * Kingma and Ba, arXiv 1412.6980, section 7.1: m = beta1 m + (1 - beta1) g'; u = max(beta2 u,
     * |g'| + eps); w -= lr / correction1 m / u. Inputs w, g, m, u; outputs w, m, u; parameters lr,
     * decay, beta1, beta2, eps, correction1 = 1 - beta1^t.
     */
    public static final Formula ADAMAX =
            Formula.of(
                    "adamax",
                    4,
                    6,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression m = a.x(2).mul(a.p(2)).add(g.mul(a.p(2).subFrom(1)));
                        Expression u = a.x(3).mul(a.p(3)).max(g.abs().add(a.p(4)));
                        Expression step = a.p(0).div(a.p(5));
                        return List.of(a.x(0).sub(m.mul(step).div(u)), m, u);
                    });

    /**
     * Chen et al., arXiv 2302.06675: d = sign(beta1 m + (1 - beta1) g); w = w (1 - lr decay) - lr
     * d; m = beta2 m + (1 - beta2) g. Inputs w, g, m; outputs w, m; parameters lr, decay, beta1,
     * beta2.
     */
    public static final Formula LION =
            Formula.of(
                    "lion",
                    3,
                    4,
                    a -> {
                        Expression g = a.x(1);
                        Expression towards = a.x(2).mul(a.p(2)).add(g.mul(a.p(2).subFrom(1)));
                        Expression below =
                                Expression.where(
                                        towards.neg(), Expression.constant(-1), towards.mul(0));
                        Expression d = Expression.where(towards, Expression.constant(1), below);
                        Expression w = a.x(0).mul(a.p(0).mul(a.p(1)).subFrom(1));
                        Expression m = a.x(2).mul(a.p(3)).add(g.mul(a.p(3).subFrom(1)));
                        return List.of(w.sub(d.mul(a.p(0))), m);
                    });

    private Updates() {}

    /** g + decay w, decay being parameter {@code p}. */
    private static Expression decayed(Formula.Arguments a, int p) {
        return a.x(0).fma(a.p(p), a.x(1));
    }

    private static Expression velocity(Formula.Arguments a, Expression g) {
        return a.x(2).mul(a.p(2)).add(g.mul(a.p(3)));
    }

    /** beta v + (1 - beta) g^2. */
    private static Expression average(Expression v, Expression beta, Expression g) {
        return v.mul(beta).add(g.mul(beta.subFrom(1)).mul(g));
    }

    private static List<Expression> adam(Formula.Arguments a, Expression w, Expression g) {
        Expression m = a.x(2).mul(a.p(2)).add(g.mul(a.p(2).subFrom(1)));
        Expression v = average(a.x(3), a.p(3), g);
        Expression step = a.p(0).div(a.p(5));
        Expression scale = Expression.constant(1).div(a.p(6).sqrt());
        Expression denominator = v.sqrt().mul(scale).add(a.p(4));
        return List.of(w.sub(m.mul(step).div(denominator)), m, v);
    }
}
