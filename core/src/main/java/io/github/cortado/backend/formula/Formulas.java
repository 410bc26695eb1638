package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Differentiable.binary;
import static io.github.cortado.backend.formula.Differentiable.unary;
import static io.github.cortado.backend.formula.Differentiable.withParameter;
import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.uniform;
import static io.github.cortado.backend.formula.Expression.where;

import java.util.List;

/**
 * All pointwise operations. One more is a constant here, a method in {@code nn.Functional} and a
 * row in the table of tests: it then works on every device, with its gradient.
 */
public final class Formulas {
    private static final Expression ZERO = constant(0);

    // Of GELU_TANH.
    private static final double CUBIC = 0.044715;
    private static final double ROOT = Math.sqrt(2 / Math.PI);

    // Arithmetic

    /** y = a + b. */
    public static final Differentiable ADD = binary("add", Expression::add);

    /** y = a - b. */
    public static final Differentiable SUB = binary("sub", Expression::sub);

    /** y = a b. */
    public static final Differentiable MUL = binary("mul", Expression::mul);

    /** y = a / b; da = dy / b, db = -dy (a / b) / b, as PyTorch multiplies. */
    public static final Differentiable DIV = binary("div", Expression::div);

    /** y = x + p. */
    public static final Differentiable ADD_NUMBER = withParameter("add", Expression::add);

    /** y = p x. */
    public static final Differentiable MUL_NUMBER = withParameter("mul", Expression::mul);

    /**
     * y = x / p. A product with the reciprocal would round twice, and overflow for a small divisor.
     */
    public static final Differentiable DIV_NUMBER = withParameter("div", Expression::div);

    /** y = scale x + shift. */
    public static final Differentiable AFFINE =
            Differentiable.of("affine", 1, 2, a -> a.x(0).fma(a.p(0), a.p(1)));

    /** y = -x. */
    public static final Differentiable NEG = unary("neg", Expression::neg);

    /** y = |x|; dx = dy or -dy, 0 at 0 and where x is not a number. */
    public static final Differentiable ABS =
            unary("abs", Expression::abs)
                    .gradient(
                            0, g -> where(g.x(0), g.dy(), where(g.x(0).neg(), g.dy().neg(), ZERO)));

    /** y = 1 where x > 0, -1 where -x > 0, else 0; dx = 0. */
    public static final Differentiable SIGN =
            unary("sign", x -> where(x, constant(1), where(x.neg(), constant(-1), ZERO)))
                    // A formula reads something, and 0 times what is not finite is no number.
                    .gradient(0, g -> where(g.dy().mul(0), g.dy(), ZERO));

    /** y = x, but 0 where x is infinite. */
    public static final Differentiable FINITE =
            unary("finite", x -> where(x.abs().greater(Float.MAX_VALUE), ZERO, x));

    /** y = x^2. */
    public static final Differentiable SQUARE =
            unary("square", x -> x.mul(x)).gradient(0, g -> g.x(0).mul(2).mul(g.dy()));

    /** y = 1 / x; dx = -dy y^2. */
    public static final Differentiable RECIPROCAL =
            unary("reciprocal", x -> constant(1).div(x))
                    .gradient(0, g -> g.y().mul(g.y()).neg().mul(g.dy()));

    /** y = min(max(x, p), q); dx = dy from p to q, else 0. */
    public static final Differentiable CLAMP =
            Differentiable.of("clamp", 1, 2, a -> a.x(0).max(a.p(0)).min(a.p(1)))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                Expression below = where(x.greater(g.p(1)), ZERO, g.dy());
                                Expression inside = where(g.p(0).greater(x), ZERO, below);
                                return where(isNumber(x), inside, ZERO);
                            });

    /** y = max(a, b); both get half of dy where they are equal, all of it if one is no number. */
    public static final Differentiable MAXIMUM =
            binary("maximum", Expression::max)
                    .gradient(0, g -> ofLarger(g.x(0), g.x(1), g))
                    .gradient(1, g -> ofLarger(g.x(1), g.x(0), g));

    /** y = min(a, b); both get half of dy where they are equal, all of it if one is no number. */
    public static final Differentiable MINIMUM =
            binary("minimum", Expression::min)
                    .gradient(0, g -> ofLarger(g.x(0).neg(), g.x(1).neg(), g))
                    .gradient(1, g -> ofLarger(g.x(1).neg(), g.x(0).neg(), g));

    /** The gradient of {@code mine}, of which the larger one is the result. */
    private static Expression ofLarger(Expression mine, Expression other, Differentiable.Given g) {
        Expression equal = where(isNumber(g.y()), g.dy().mul(0.5), g.dy());
        return where(other.greater(mine), ZERO, where(mine.greater(other), g.dy(), equal));
    }

    /** Above 0, but where x is not a number. */
    static Expression isNumber(Expression x) {
        return x.abs().add(1);
    }

    /**
     * y = a where the condition is above 0, else b: inputs condition, a, b; no gradient by the
     * first.
     */
    public static final Differentiable WHERE =
            Differentiable.of("where", 3, 0, a -> where(a.x(0), a.x(1), a.x(2)))
                    .gradient(0, g -> where(g.dy().mul(0), g.dy(), ZERO));

    /** y = 0 where x is -infinity, else 1. */
    public static final Formula IS_NOT_MASKED =
            Formula.of(
                    "isNotMasked",
                    1,
                    0,
                    a -> {
                        Expression below = constant(-Float.MAX_VALUE).greater(a.x(0));
                        return List.of(constant(1).sub(below));
                    });

    // Functions

    /** y = e^x. */
    public static final Differentiable EXP = unary("exp", Expression::exp);

    /** y = ln x. */
    public static final Differentiable LOG = unary("log", Expression::log);

    /** y = e^x - 1; dx = dy (y + 1). */
    public static final Differentiable EXPM1 =
            unary("expm1", Expression::expm1).gradient(0, g -> g.y().add(1).mul(g.dy()));

    /** y = ln(1 + x); dx = dy / (1 + x). */
    public static final Differentiable LOG1P =
            unary("log1p", Expression::log1p).gradient(0, g -> g.dy().div(g.x(0).add(1)));

    /** y = x^(1/2). */
    public static final Differentiable SQRT = unary("sqrt", Expression::sqrt);

    /** y = x^(-1/2); dx = -dy y^3 / 2. */
    public static final Differentiable RSQRT =
            unary("rsqrt", x -> constant(1).div(x.sqrt()))
                    .gradient(0, g -> g.dy().mul(-0.5).mul(g.y().mul(g.y()).mul(g.y())));

    /** 1 / sqrt(x + eps), eps a parameter: of a variance. */
    public static final Formula INVERSE_STD =
            Formula.of(
                    "inverseStd", 1, 1, a -> List.of(constant(1).div(a.x(0).add(a.p(0)).sqrt())));

    // Activations

    /** y = max(x, 0); dx = dy where y > 0, else 0. */
    public static final Differentiable RELU =
            unary("relu", x -> x.max(ZERO)).gradient(0, g -> where(g.y(), g.dy(), ZERO));

    /** y = min(max(x, 0), 6); dx = dy between 0 and 6, else 0. */
    public static final Differentiable RELU6 =
            unary("relu6", x -> x.max(ZERO).min(6))
                    .gradient(
                            0,
                            g -> where(g.y(), where(constant(6).sub(g.y()), g.dy(), ZERO), ZERO));

    /** y = x where x > 0, else slope x. */
    public static final Differentiable LEAKY_RELU =
            withParameter("leakyRelu", (x, slope) -> where(x, x, x.mul(slope)))
                    .gradient(0, g -> where(g.x(0), g.dy(), g.dy().mul(g.p(0))));

    /** y = x where x > 0, else w x: inputs x, w; dx = dy or dy w, dw = 0 or dy x. */
    public static final Differentiable PRELU =
            binary("prelu", (x, w) -> where(x, x, x.mul(w)))
                    .gradient(0, g -> where(g.x(0), g.dy(), g.dy().mul(g.x(1))))
                    .gradient(1, g -> where(g.x(0), ZERO, g.dy().mul(g.x(0))));

    /** y = x where x > 0, else alpha (e^x - 1); dx = dy where x > 0, else dy alpha e^x. */
    public static final Differentiable ELU =
            withParameter("elu", (x, alpha) -> where(x, x, x.expm1().mul(alpha)))
                    .gradient(0, g -> where(g.x(0), g.dy(), g.dy().mul(g.p(0)).mul(g.x(0).exp())));

    /**
     * y = x where x > 0, else alpha (e^(x / alpha) - 1) (Barron, arXiv 1704.07483); dx = dy where x
     * > 0, else dy e^(x / alpha).
     */
    public static final Differentiable CELU =
            withParameter("celu", (x, alpha) -> where(x, x, x.div(alpha).expm1().mul(alpha)))
                    .gradient(
                            0,
                            g -> {
                                Expression slope = g.x(0).div(g.p(0)).exp();
                                return unlessAbove(g.x(0), g.dy().mul(slope), g.dy());
                            });

    // Of SELU.
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    /** y = s x where x > 0, else s alpha (e^x - 1) (Klambauer et al., arXiv 1706.02515). */
    public static final Differentiable SELU =
            unary("selu", x -> where(x, x.mul(SELU_SCALE), x.expm1().mul(SELU_SCALE * SELU_ALPHA)))
                    .gradient(
                            0,
                            g -> {
                                Expression above = g.dy().mul(SELU_SCALE);
                                Expression below = g.dy().mul(SELU_SCALE * SELU_ALPHA);
                                return unlessAbove(g.x(0), below.mul(g.x(0).exp()), above);
                            });

    /** {@code below} where x is at most 0, else {@code above}, also where x is no number. */
    private static Expression unlessAbove(Expression x, Expression below, Expression above) {
        return where(x, above, where(isNumber(x), below, above));
    }

    /** y = x, but 0 where |x| is at most p; dx = dy, 0 there. */
    public static final Differentiable HARDSHRINK =
            withParameter("hardshrink", (x, p) -> outside(x, p, x))
                    .gradient(0, g -> outside(g.x(0), g.p(0), g.dy()));

    /** y = x - p above p, x + p below -p, else 0; dx = dy, 0 there. */
    public static final Differentiable SOFTSHRINK =
            withParameter("softshrink", (x, p) -> outside(x, p, where(x, x.sub(p), x.add(p))))
                    .gradient(0, g -> outside(g.x(0), g.p(0), g.dy()));

    /** {@code v} where |x| is above p or no number, else 0. */
    private static Expression outside(Expression x, Expression p, Expression v) {
        Expression above = where(x.abs().sub(p), v, ZERO);
        return where(isNumber(x), above, v);
    }

    /** (x - tanh x) / x^3 in powers of x^2, up to 0.85; relative error 6e-10. */
    private static final double[] TANHSHRINK_POWERS = {
        -2.0355051674414426e-4,
        1.092790625989437e-3,
        -3.392823040485382e-3,
        8.799507282674313e-3,
        -0.02185812219977379,
        0.05396724119782448,
        -0.13333329558372498,
        0.3333333432674408
    };

    private static final double TANHSHRINK_SMALL = 0.85;

    /** y = x - tanh x, by powers of x where that cancels; dx = dy tanh^2 x. */
    public static final Differentiable TANHSHRINK =
            unary(
                            "tanhshrink",
                            x -> {
                                Expression z = x.mul(x);
                                Expression p = constant(TANHSHRINK_POWERS[0]);
                                for (int i = 1; i < TANHSHRINK_POWERS.length; i++) {
                                    p = p.fma(z, constant(TANHSHRINK_POWERS[i]));
                                }
                                Expression isSmall = constant(TANHSHRINK_SMALL).greater(x.abs());
                                return where(isSmall, z.mul(p).mul(x), x.sub(x.tanh()));
                            })
                    .gradient(0, g -> g.x(0).tanh().mul(g.dy()).mul(g.x(0).tanh()));

    /** y = x where x > p, else q; dx = dy, or 0. */
    public static final Differentiable THRESHOLD =
            Differentiable.of(
                            "threshold",
                            1,
                            2,
                            a ->
                                    where(
                                            isNumber(a.x(0)),
                                            reached(a.x(0), a.p(0), a.x(0), a.p(1)),
                                            a.x(0)))
                    .gradient(
                            0,
                            g ->
                                    where(
                                            isNumber(g.x(0)),
                                            reached(g.x(0), g.p(0), g.dy(), ZERO),
                                            g.dy()));

    private static Expression reached(Expression x, Expression p, Expression yes, Expression no) {
        return where(x.greater(p), yes, no);
    }

    /** y = 1 / (1 + e^-x). */
    public static final Differentiable SIGMOID = unary("sigmoid", Expression::sigmoid);

    /** y = tanh x. */
    public static final Differentiable TANH = unary("tanh", Expression::tanh);

    /** y = x Phi(x), Phi the normal distribution: the exact GELU, with erf. */
    public static final Differentiable GELU =
            unary("gelu", x -> x.mul(x.normalCdf()))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                return g.dy().mul(x.fma(x.normalPdf(), x.normalCdf()));
                            });

    /** y = x sigmoid(x); dx = dy s (1 + x (1 - s)), s = sigmoid(x). */
    public static final Differentiable SILU =
            unary("silu", x -> x.mul(x.sigmoid()))
                    .gradient(
                            0,
                            g -> {
                                Expression s = g.x(0).sigmoid();
                                return g.dy().mul(s).mul(s.subFrom(1).fma(g.x(0), constant(1)));
                            });

    /** y = ln(1 + e^x), x itself where x > 20; dx = dy sigmoid(x), dy itself where x > 20. */
    public static final Differentiable SOFTPLUS =
            unary("softplus", x -> where(x.greater(20), x, x.exp().log1p()))
                    .gradient(
                            0,
                            g -> where(g.x(0).greater(20), g.dy(), g.dy().mul(g.x(0).sigmoid())));

    /**
     * y = x min(max(x + 3, 0), 6) / 6 (Howard et al., arXiv 1905.02244); dx = dy (2 x + 3) / 6
     * between -3 and 3, else dy, also where x is no number, or 0.
     */
    public static final Differentiable HARDSWISH =
            unary("hardswish", x -> x.mul(x.add(3).max(ZERO).min(6)).div(6))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                Expression slope = x.div(3).add(0.5);
                                Expression inside = g.dy().mul(slope);
                                return where(
                                        constant(3).sub(x), where(x.add(3), inside, ZERO), g.dy());
                            });

    /** y = min(max(x + 3, 0), 6) / 6; dx = dy / 6 between -3 and 3, else 0. */
    public static final Differentiable HARDSIGMOID =
            unary("hardsigmoid", x -> x.add(3).max(ZERO).min(6).div(6))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                Expression inside = where(constant(3).sub(x), g.dy().div(6), ZERO);
                                return where(x.add(3), inside, ZERO);
                            });

    /** y = x / (1 + |x|); dx = dy / (1 + |x|)^2. */
    public static final Differentiable SOFTSIGN =
            unary("softsign", x -> x.div(x.abs().add(1)))
                    .gradient(
                            0,
                            g -> {
                                Expression size = g.x(0).abs().add(1);
                                return g.dy().div(size).div(size);
                            });

    /** y = ln sigmoid(x) = min(x, 0) - ln(1 + e^-|x|); dx = dy sigmoid(-x). */
    public static final Differentiable LOG_SIGMOID =
            unary("logSigmoid", x -> x.min(ZERO).sub(x.abs().neg().exp().log1p()))
                    .gradient(0, g -> g.x(0).neg().sigmoid().mul(g.dy()));

    /** y = x tanh(ln(1 + e^x)) (Misra, arXiv 1908.08681); dx = dy (t + x sigmoid(x) (1 - t^2)). */
    public static final Differentiable MISH =
            unary("mish", x -> x.mul(x.exp().log1p().tanh()))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                // From 20 on it is 1, without an exponential that overflows.
                                Expression t = x.min(20).exp().log1p().tanh();
                                Expression rest = t.mul(t).subFrom(1);
                                return x.mul(x.sigmoid()).fma(rest, t).mul(g.dy());
                            });

    /**
     * y = x (1 + tanh(u)) / 2 = x sigmoid(2 u), u = (2 / pi)^(1/2) (x + 0.044715 x^3), where
     * nothing cancels (Hendrycks and Gimpel, arXiv 1606.08415); dx = dy (s + x s (1 - s) 2 u').
     * Where |x| is above 20, s is 0 or 1 and u' may be infinite.
     */
    public static final Differentiable GELU_TANH =
            unary("geluTanh", x -> x.mul(cubic(x).sigmoid()))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0).max(-20).min(20);
                                Expression s = cubic(x).sigmoid();
                                Expression other = cubic(x).neg().sigmoid();
                                Expression slope =
                                        x.mul(x)
                                                .fma(
                                                        constant(6 * CUBIC * ROOT),
                                                        constant(2 * ROOT));
                                Expression rest = x.mul(s).mul(other);
                                return rest.fma(slope, s).mul(g.dy());
                            });

    /** 2 u of {@link #GELU_TANH}. */
    private static Expression cubic(Expression x) {
        return x.mul(x).fma(constant(2 * CUBIC * ROOT), constant(2 * ROOT)).mul(x);
    }

    /** y = min(max(x, p), q); dx = dy between p and q and where x is not a number, else 0. */
    public static final Differentiable HARDTANH =
            Differentiable.of("hardtanh", 1, 2, a -> a.x(0).max(a.p(0)).min(a.p(1)))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                Expression below = where(g.p(1).greater(x), g.dy(), ZERO);
                                Expression inside = where(x.greater(g.p(0)), below, ZERO);
                                return where(isNumber(x), inside, g.dy());
                            });

    // Dropout

    /**
     * y = scale x where stream 0 gives at least p, else 0, even where x is not a number. Parameters
     * p, a float's value, and scale = 1 / (1 - p). The same of dy is its gradient.
     */
    public static final Differentiable DROPOUT =
            Differentiable.of("dropout", 1, 2, a -> kept(a.x(0), a.p(0), a.p(1)))
                    .gradient(0, g -> kept(g.dy(), g.p(0), g.p(1)));

    private static Expression kept(Expression x, Expression p, Expression scale) {
        return where(p.greater(uniform(0)), ZERO, x.mul(scale));
    }

    /**
     * dx = scale dy where y > 0, else 0: the gradient of {@link #DROPOUT}, drawing nothing again,
     * where its input is the result of a ReLU. Inputs y and dy.
     */
    public static final Formula DROPOUT_OF_RELU_GRAD =
            Formula.of(
                    "dropoutOfReluGrad",
                    2,
                    1,
                    a -> List.of(where(a.x(0), a.x(1).mul(a.p(0)), ZERO)));

    // Losses

    /**
     * Binary cross-entropy of sigmoid(x) and a target t: y = |x| d + ln(1 + e^-|x|), where d = 1 -
     * t for x > 0, else t, is the distance of the target from the end that sigmoid(x) is near. Its
     * usual form, softplus(x) - x t, is a small difference of large numbers where x and t agree: at
     * x = 15, t = 1 all of it is lost in float32. Here all terms are positive. dx = dy (sigmoid(x)
     * - t), dt = -dy x.
     */
    public static final Differentiable BINARY_CROSS_ENTROPY =
            binary(
                            "binaryCrossEntropyWithLogits",
                            (x, t) ->
                                    x.abs()
                                            .mul(where(x, t.subFrom(1), t))
                                            .add(x.abs().neg().exp().log1p()))
                    .gradient(
                            0,
                            g -> {
                                Expression x = g.x(0);
                                // -|x|, but with a slope at 0.
                                Expression tail = where(x, x.neg(), x).sigmoid();
                                Expression t = g.x(1);
                                return where(g.x(0), t.subFrom(1).sub(tail), tail.sub(t))
                                        .mul(g.dy());
                            })
                    .gradient(1, g -> g.x(0).mul(g.dy()).neg());

    /**
     * Binary cross-entropy of a probability p and a target t: y = -t ln p - (1 - t) ln(1 - p), no
     * logarithm below -100, as in PyTorch; dp = dy (p - t) / max(p (1 - p), 1e-12), dt = dy (ln(1 -
     * p) - ln p).
     */
    public static final Differentiable BINARY_CROSS_ENTROPY_OF_PROBABILITIES =
            binary(
                            "binaryCrossEntropy",
                            (p, t) ->
                                    t.sub(1)
                                            .mul(p.neg().log1p().max(-100))
                                            .sub(t.mul(p.log().max(-100))))
                    .gradient(
                            0,
                            g -> {
                                Expression p = g.x(0);
                                Expression spread = p.subFrom(1).mul(p).max(1e-12);
                                return g.dy().mul(p.sub(g.x(1))).div(spread);
                            })
                    .gradient(1, g -> g.x(0).neg().log1p().sub(g.x(0).log()).mul(g.dy()));

    /**
     * Kullback-Leibler divergence of a target t from ln p = x: y = t (ln t - x), -t x where t is 0.
     * dt = dy (ln t - x + t / t), which is no number at 0, as in PyTorch.
     */
    public static final Differentiable KL_DIVERGENCE =
            binary("klDivLoss", (x, t) -> where(t, t.mul(t.log()), t.mul(0)).sub(t.mul(x)))
                    .gradient(
                            1,
                            g -> {
                                Expression t = g.x(1);
                                Expression ofFactor = g.dy().mul(t.log());
                                Expression ofLogarithm = g.dy().mul(t).div(t);
                                return g.dy().neg().mul(g.x(0)).add(ofFactor).add(ofLogarithm);
                            });

    /** dx = dy x / y, 0 where y is: of a norm y of x. Inputs x, y, dy. */
    public static final Formula NORM_GRAD =
            Formula.of(
                    "normGrad",
                    3,
                    0,
                    a -> {
                        Expression y = a.x(1);
                        Expression dx = a.x(0).mul(a.x(2).div(y));
                        // Not 0 where y is no number.
                        return List.of(where(y.abs(), dx, y.mul(0)));
                    });

    /**
     * y = d^2 / (2 p) where |d| is below p, else |d| - p / 2, d = x - t (Girshick, arXiv
     * 1504.08083); dx = dy d / p, or dy times d's sign.
     */
    public static final Differentiable SMOOTH_L1 =
            Differentiable.of(
                            "smoothL1Loss",
                            2,
                            1,
                            a -> {
                                Expression d = a.x(0).sub(a.x(1));
                                Expression size = d.abs();
                                return where(
                                        a.p(0).greater(size),
                                        size.mul(0.5).mul(size).div(a.p(0)),
                                        size.sub(a.p(0).mul(0.5)));
                            })
                    .gradient(0, g -> smoothL1Gradient(g, g.dy()))
                    .gradient(1, g -> smoothL1Gradient(g, g.dy().neg()));

    private static Expression smoothL1Gradient(Differentiable.Given g, Expression dy) {
        Expression d = g.x(0).sub(g.x(1));
        Expression ofSign = where(d, dy, where(d.neg(), dy.neg(), d.mul(dy)));
        return where(g.p(0).greater(d.abs()), d.mul(dy).div(g.p(0)), ofSign);
    }

    /** y = d^2 / 2 where |d| is at most p, else p (|d| - p / 2), d = x - t (Huber, 1964). */
    public static final Differentiable HUBER =
            Differentiable.of(
                            "huberLoss",
                            2,
                            1,
                            a -> {
                                Expression size = a.x(0).sub(a.x(1)).abs();
                                return where(
                                        size.greater(a.p(0)),
                                        size.sub(a.p(0).mul(0.5)).mul(a.p(0)),
                                        size.mul(0.5).mul(size));
                            })
                    .gradient(0, g -> huberGradient(g, g.dy()))
                    .gradient(1, g -> huberGradient(g, g.dy().neg()));

    private static Expression huberGradient(Differentiable.Given g, Expression dy) {
        Expression d = g.x(0).sub(g.x(1));
        return d.max(g.p(0).neg()).min(g.p(0)).mul(dy);
    }

    private Formulas() {}
}
