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

    // Functions

    /** y = e^x. */
    public static final Differentiable EXP = unary("exp", Expression::exp);

    /** y = ln x. */
    public static final Differentiable LOG = unary("log", Expression::log);

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

    /** y = x where x > 0, else alpha (e^x - 1); dx = dy where x > 0, else dy alpha e^x. */
    public static final Differentiable ELU =
            withParameter("elu", (x, alpha) -> where(x, x, x.expm1().mul(alpha)))
                    .gradient(0, g -> where(g.x(0), g.dy(), g.dy().mul(g.p(0)).mul(g.x(0).exp())));

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
     * between -3 and 3, else dy or 0.
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
                                        x.add(3), where(constant(3).sub(x), inside, g.dy()), ZERO);
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
                                Expression tail = g.x(0).abs().neg().sigmoid();
                                Expression t = g.x(1);
                                return where(g.x(0), t.subFrom(1).sub(tail), tail.sub(t))
                                        .mul(g.dy());
                            })
                    .gradient(1, g -> g.x(0).mul(g.dy()).neg());

    private Formulas() {}
}
