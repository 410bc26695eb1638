package io.github.cortado.backend.formula;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Optimizers' steps over weights w, gradients g and what the optimizer keeps; w and that are
 * outputs too, computed in place. Parameters are named in their order; a weight decay is one by the
 * gradient, g' = g + decay w, where nothing else is said.
 */
public final class Updates {
    private static final Expression ONE = Expression.constant(1);

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

    /**
     * Reddi et al., 2018, "On the Convergence of Adam and Beyond": as {@link #ADAM}, with s =
     * max(s, v) in the place of v in the denominator. Inputs w, g, m, v, s; outputs w, m, v, s.
     */
    public static final Formula ADAM_AMSGRAD =
            Formula.of("adamAmsgrad", 5, 7, a -> amsgrad(a, a.x(0), decayed(a, 1)));

    /** As {@link #ADAMW}, with {@link #ADAM_AMSGRAD}'s denominator. */
    public static final Formula ADAMW_AMSGRAD =
            Formula.of("adamWAmsgrad", 5, 7, a -> amsgrad(a, decoupled(a, 1), a.x(1)));

    /**
     * Dozat, 2016, "Incorporating Nesterov Momentum into Adam": m = beta1 m + (1 - beta1) g'; v =
     * beta2 v + (1 - beta2) g'^2; w = (1 - lr decay2) w - lr (a g' + b m) / (sqrt(v / correction2)
     * + eps). Inputs w, g, m, v; outputs w, m, v; parameters lr, decay, decay2, beta1, beta2, eps,
     * a, b, correction2. With mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2) and M_t the product of
     * mu_1 to mu_t, a is (1 - mu_t) / (1 - M_t) and b is mu_(t + 1) / (1 - M_(t + 1)).
     */
    public static final Formula NADAM =
            Formula.of(
                    "nAdam",
                    4,
                    9,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression m = mean(a.x(2), a.p(3), g);
                        Expression v = average(a.x(3), a.p(4), g);
                        Expression scale = ONE.div(a.p(8).sqrt());
                        Expression denominator = v.sqrt().mul(scale).add(a.p(5));
                        Expression towards = g.mul(a.p(6)).add(m.mul(a.p(7)));
                        Expression step = towards.mul(a.p(0)).div(denominator);
                        return List.of(decoupled(a, 2).sub(step), m, v);
                    });

    /**
     * Liu et al., arXiv 1908.03265: m and v as in {@link #NADAM}; w = (1 - lr decay2) w - lr m /
     * correction1 d with d = r / (sqrt(v) + eps), or d = 1 where r is 0. Inputs w, g, m, v; outputs
     * w, m, v; parameters lr, decay, decay2, beta1, beta2, eps, correction1, r: the rectification
     * times sqrt(correction2), 0 while the variance cannot be told.
     */
    public static final Formula RADAM =
            Formula.of(
                    "rAdam",
                    4,
                    8,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression m = mean(a.x(2), a.p(3), g);
                        Expression v = average(a.x(3), a.p(4), g);
                        Expression d =
                                Expression.where(a.p(7), a.p(7).div(v.sqrt().add(a.p(5))), ONE);
                        Expression step = m.mul(a.p(0).div(a.p(6))).mul(d);
                        return List.of(decoupled(a, 2).sub(step), m, v);
                    });

    /**
     * As {@link #RMSPROP}, with m = alpha m + (1 - alpha) g' and v - m^2 in the place of v in the
     * denominator (Graves, arXiv 1308.0850). Inputs w, g, v, m; outputs w, v, m.
     */
    public static final Formula RMSPROP_CENTERED =
            Formula.of(
                    "rmsPropCentered",
                    4,
                    4,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = average(a.x(2), a.p(2), g);
                        Expression m = mean(a.x(3), a.p(2), g);
                        Expression d = g.div(centered(v, m).add(a.p(3)));
                        return List.of(a.x(0).sub(d.mul(a.p(0))), v, m);
                    });

    /**
     * {@link #RMSPROP_CENTERED} with {@link #RMSPROP_MOMENTUM}'s momentum. Inputs w, g, v, m, u;
     * outputs w, v, m, u; parameters lr, decay, alpha, eps, momentum.
     */
    public static final Formula RMSPROP_CENTERED_MOMENTUM =
            Formula.of(
                    "rmsPropCenteredMomentum",
                    5,
                    5,
                    a -> {
                        Expression g = decayed(a, 1);
                        Expression v = average(a.x(2), a.p(2), g);
                        Expression m = mean(a.x(3), a.p(2), g);
                        Expression d = g.div(centered(v, m).add(a.p(3)));
                        Expression u = a.x(4).fma(a.p(4), d);
                        return List.of(a.x(0).sub(u.mul(a.p(0))), v, m, u);
                    });

    /**
     * The first step of {@link #RPROP}: s = min(max(lr, low), high); w -= s sign(g); h = g. Inputs
     * w, g; outputs w, h, s; parameters lr, low, high.
     */
    public static final Formula RPROP_FIRST =
            Formula.of(
                    "rpropFirst",
                    2,
                    3,
                    a -> {
                        Expression s = a.p(0).max(a.p(1)).min(a.p(2));
                        return List.of(a.x(0).sub(sign(a.x(1)).mul(s)), a.x(1), s);
                    });

    /**
     * Riedmiller and Braun, 1993: with p = g h, s = min(max(s f, low), high), f being etaPlus where
     * p is above 0, etaMinus where it is below, else 1; h = 0 where p is below 0, else g; w -= s
     * sign(h). Inputs w, g, h, s; outputs w, h, s; parameters low, high, etaMinus, etaPlus.
     */
    public static final Formula RPROP =
            Formula.of(
                    "rprop",
                    4,
                    4,
                    a -> {
                        Expression p = a.x(1).mul(a.x(2));
                        Expression below = Expression.where(p.neg(), a.p(2), ONE);
                        Expression f = Expression.where(p, a.p(3), below);
                        Expression s = a.x(3).mul(f).max(a.p(0)).min(a.p(1));
                        Expression h = Expression.where(p.neg(), Expression.constant(0), a.x(1));
                        return List.of(a.x(0).sub(sign(h).mul(s)), h, s);
                    });

    /**
     * Polyak and Juditsky, 1992: w = keep w - rate g'; a += share (w - a). Inputs w, g, a; outputs
     * w, a; parameters rate, decay, keep, share.
     */
    public static final Formula ASGD =
            Formula.of(
                    "asgd",
                    3,
                    4,
                    a -> {
                        Expression step = decayed(a, 1).mul(a.p(0));
                        Expression w = a.x(0).mul(a.p(2)).sub(step);
                        return List.of(w, towards(a.x(2), w, a.p(3)));
                    });

    /** a += share (w - a). Inputs a, w; outputs a; parameters share. */
    public static final Formula AVERAGE =
            Formula.of("average", 2, 1, a -> List.of(towards(a.x(0), a.x(1), a.p(0))));

    private static final Map<Formula, Formula> ASCENDING = new ConcurrentHashMap<>();

    private Updates() {}

    /** The same update with -g in the place of g: up along the gradient, PyTorch's maximize. */
    public static Formula ascending(Formula update) {
        return ASCENDING.computeIfAbsent(
                update,
                f -> {
                    List<Expression> values =
                            f.expressions(
                                    i -> i == 1 ? Expression.input(1).neg() : Expression.input(i));
                    return Formula.of(
                            f.name() + "Ascending",
                            f.inputs(),
                            f.parameters(),
                            a -> f.outputs().stream().map(values::get).toList());
                });
    }

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

    /** beta m + (1 - beta) g. */
    private static Expression mean(Expression m, Expression beta, Expression g) {
        return m.mul(beta).add(g.mul(beta.subFrom(1)));
    }

    /** w (1 - lr decay), decay being parameter {@code p}. */
    private static Expression decoupled(Formula.Arguments a, int p) {
        return a.x(0).mul(a.p(0).mul(a.p(p)).subFrom(1));
    }

    /** a + share (w - a), from the nearer end, so that it is w with share 1. */
    private static Expression towards(Expression a, Expression w, Expression share) {
        Expression d = w.sub(a);
        return Expression.where(
                share.sub(0.5), w.sub(d.mul(share.subFrom(1))), a.add(d.mul(share)));
    }

    /** sqrt(v - m^2), which rounding alone takes below 0 where gradients stay the same. */
    private static Expression centered(Expression v, Expression m) {
        return v.sub(m.mul(m)).max(0).sqrt();
    }

    private static Expression sign(Expression x) {
        return Expression.where(
                x, ONE, Expression.where(x.neg(), Expression.constant(-1), x.mul(0)));
    }

    private static List<Expression> amsgrad(Formula.Arguments a, Expression w, Expression g) {
        Expression m = mean(a.x(2), a.p(2), g);
        Expression v = average(a.x(3), a.p(3), g);
        Expression s = a.x(4).max(v);
        Expression step = a.p(0).div(a.p(5));
        Expression scale = ONE.div(a.p(6).sqrt());
        Expression denominator = s.sqrt().mul(scale).add(a.p(4));
        return List.of(w.sub(m.mul(step).div(denominator)), m, v, s);
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
