package io.github.cortado.backend.formula;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A pointwise function and its gradients: {@link #value} with one output, and for each input how
 * its gradient is computed. Gradients come from the chain rule, unless they are given by hand
 * because another form is better behaved.
 */
public final class Differentiable {
    private final Formula value;

    /** Of each input what it was given; null where the chain rule makes it. */
    private final List<@Nullable Function<Given, Expression>> byHand;

    /** Made when they are first asked for: most programs need few of them. */
    private final AtomicReferenceArray<@Nullable Gradient> gradients;

    /** The same, as functions that have gradients in turn. */
    private final AtomicReferenceArray<@Nullable Differentiable> again;

    private Differentiable(Formula value, List<@Nullable Function<Given, Expression>> byHand) {
        this.value = value;
        this.byHand = byHand;
        this.gradients = new AtomicReferenceArray<>(value.inputs());
        this.again = new AtomicReferenceArray<>(value.inputs());
    }

    /**
     * The gradient by one input.
     *
     * @param formula with {@code reads.size()} inputs
     * @param reads what these are: inputs of the function by their numbers, then {@link #output}
     *     and {@link #dy}
     */
    public record Gradient(Formula formula, List<Integer> reads) {}

    /** What a gradient may be computed of. */
    public record Given(Formula.Arguments arguments, Expression y, Expression dy) {
        /** Input i. */
        public Expression x(int i) {
            return arguments.x(i);
        }

        /** Parameter i. */
        public Expression p(int i) {
            return arguments.p(i);
        }
    }

    /** A function of one input. */
    static Differentiable unary(String name, UnaryOperator<Expression> f) {
        return of(name, 1, 0, a -> f.apply(a.x(0)));
    }

    /** A function of one input and one parameter. */
    static Differentiable withParameter(String name, BinaryOperator<Expression> f) {
        return of(name, 1, 1, a -> f.apply(a.x(0), a.p(0)));
    }

    /** A function of two inputs. */
    static Differentiable binary(String name, BinaryOperator<Expression> f) {
        return of(name, 2, 0, a -> f.apply(a.x(0), a.x(1)));
    }

    /** Any function; its gradients are made by the chain rule. */
    public static Differentiable of(
            String name, int inputs, int parameters, Function<Formula.Arguments, Expression> f) {
        Formula value = Formula.of(name, inputs, parameters, a -> List.of(f.apply(a)));
        return new Differentiable(value, Collections.nCopies(inputs, null));
    }

    /** A formula with one output as a function; its gradients are made by the chain rule. */
    public static Differentiable of(Formula formula) {
        return new Differentiable(formula, Collections.nCopies(formula.inputs(), null));
    }

    /** The same function with this gradient by input {@code i}. */
    Differentiable gradient(int i, Function<Given, Expression> f) {
        List<@Nullable Function<Given, Expression>> changed = new ArrayList<>(byHand);
        changed.set(i, f);
        return new Differentiable(value, changed);
    }

    private static Gradient gradient(Formula value, int i, Function<Given, Expression> f) {
        int n = value.inputs();
        String name = value.name() + (n == 1 ? "Grad" : "Grad" + i);
        Formula whole =
                Formula.of(
                        name,
                        n + 2,
                        value.parameters(),
                        a -> List.of(f.apply(new Given(a, a.x(n), a.x(n + 1)))));
        return Compact.of(whole);
    }

    /** y. */
    public Formula value() {
        return value;
    }

    /** dx of input {@code i}. */
    public Gradient gradient(int i) {
        Gradient made = gradients.get(i);
        if (made == null) {
            Function<Given, Expression> f = byHand.get(i);
            made = f == null ? chainRule(i) : gradient(value, i, f);
            gradients.set(i, made);
        }
        return made;
    }

    /** {@link #gradient(int)} as a function of what it reads, with gradients of its own. */
    public Differentiable again(int i) {
        Differentiable made = again.get(i);
        if (made == null) {
            made = of(gradient(i).formula());
            again.set(i, made);
        }
        return made;
    }

    /**
     * The gradient by input {@code i} that the chain rule makes, whether or not there is another.
     */
    Gradient chainRule(int i) {
        return gradient(value, i, g -> ChainRule.gradient(value, i, g.y(), g.dy()));
    }

    /** Stands for y in {@link Gradient#reads}. */
    public int output() {
        return value.inputs();
    }

    /** Stands for dy in {@link Gradient#reads}. */
    public int dy() {
        return value.inputs() + 1;
    }

    /** What people call it. */
    public String name() {
        return value.name();
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
