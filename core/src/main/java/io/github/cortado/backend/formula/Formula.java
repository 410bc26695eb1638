package io.github.cortado.backend.formula;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A pointwise formula: some outputs as expressions of some inputs, element by element, and of
 * parameters that are the same for all elements. Two formulas are equal if their code is, whatever
 * their names: a backend that knows a better way for one takes it for each that equals it.
 */
public final class Formula {
    private final String name;
    private final int inputs;
    private final int parameters;
    private final List<Term> code;
    private final List<Integer> outputs;
    private final int hash;
    private final Program program;

    private Formula(
            String name, int inputs, int parameters, List<Term> code, List<Integer> outputs) {
        this.name = name;
        this.inputs = inputs;
        this.parameters = parameters;
        this.code = Collections.unmodifiableList(code);
        this.outputs = outputs;
        this.hash = 31 * (31 * (31 * inputs + parameters) + code.hashCode()) + outputs.hashCode();
        this.program = Program.of(this);
    }

    /** What a formula's outputs are computed from. */
    public record Arguments(List<Expression> inputs, List<Expression> parameters) {
        /** Input i. */
        public Expression x(int i) {
            return inputs.get(i);
        }

        /** Parameter i. */
        public Expression p(int i) {
            return parameters.get(i);
        }
    }

    /**
     * A formula with several outputs.
     *
     * @param name for people
     */
    public static Formula of(
            String name,
            int inputs,
            int parameters,
            Function<Arguments, List<Expression>> outputs) {
        return linear(name, inputs, parameters, outputs.apply(arguments(inputs, parameters)));
    }

    static Arguments arguments(int inputs, int parameters) {
        List<Expression> x = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            x.add(Expression.input(i));
        }
        List<Expression> p = new ArrayList<>();
        for (int i = 0; i < parameters; i++) {
            p.add(Expression.parameter(i));
        }
        return new Arguments(x, p);
    }

    /** Code in which every value is computed once, and only if an output needs it. */
    static Formula linear(String name, int inputs, int parameters, List<Expression> outputs) {
        Map<Term, Integer> numbers = new HashMap<>();
        List<Term> code = new ArrayList<>();
        Map<Expression, Integer> done = new IdentityHashMap<>();
        List<Integer> results = new ArrayList<>();
        for (Expression output : outputs) {
            results.add(number(output, done, numbers, code));
        }
        return new Formula(name, inputs, parameters, code, List.copyOf(results));
    }

    private static int number(
            Expression e,
            Map<Expression, Integer> done,
            Map<Term, Integer> numbers,
            List<Term> code) {
        Integer known = done.get(e);
        if (known != null) {
            return known;
        }
        int[] operands = new int[3];
        for (int i = 0; i < e.operands().size(); i++) {
            operands[i] = number(e.operands().get(i), done, numbers, code);
        }
        boolean isLeaf = e.operands().isEmpty();
        Term term =
                new Term(
                        e.primitive(),
                        isLeaf ? e.index() : operands[0],
                        operands[1],
                        operands[2],
                        e.number());
        int number =
                numbers.computeIfAbsent(
                        term,
                        t -> {
                            code.add(t);
                            return code.size() - 1;
                        });
        done.put(e, number);
        return number;
    }

    /** What people call it. */
    public String name() {
        return name;
    }

    /** How many inputs it has. */
    public int inputs() {
        return inputs;
    }

    /** How many parameters it has. */
    public int parameters() {
        return parameters;
    }

    /** Its terms, each after those that it is computed from. */
    public List<Term> code() {
        return code;
    }

    /** Numbers of the terms that are its outputs. */
    public List<Integer> outputs() {
        return outputs;
    }

    /** The code as an interpreter runs it. */
    public Program program() {
        return program;
    }

    /** Each term as an expression, with others for the inputs. */
    List<Expression> expressions(IntFunction<Expression> input) {
        return expressions(input, Expression::parameter);
    }

    /** Each term as an expression, with others for the inputs and the parameters. */
    List<Expression> expressions(IntFunction<Expression> input, IntFunction<Expression> parameter) {
        List<Expression> values = new ArrayList<>();
        for (Term t : code) {
            Expression[] operands = new Expression[t.primitive().arity()];
            for (int k = 0; k < operands.length; k++) {
                operands[k] = values.get(t.operand(k));
            }
            values.add(
                    switch (t.primitive()) {
                        case INPUT -> input.apply(t.a());
                        case PARAMETER -> parameter.apply(t.a());
                        case CONSTANT -> Expression.constant(t.number());
                        case UNIFORM -> Expression.uniform(t.a());
                        default -> Expression.of(t.primitive(), operands);
                    });
        }
        return values;
    }

    /** Whether any term is this primitive with that index. */
    boolean reads(Primitive leaf, int index) {
        return code.stream().anyMatch(t -> t.primitive() == leaf && t.a() == index);
    }

    /** Whether its only output is its only input, so that there is nothing to compute. */
    public boolean isIdentity() {
        return inputs == 1
                && outputs.size() == 1
                && code.get(outputs.get(0)).primitive() == Primitive.INPUT;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Formula f
                        && f.hash == hash
                        && f.inputs == inputs
                        && f.parameters == parameters
                        && f.outputs.equals(outputs)
                        && f.code.equals(code);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The name and the code, such as {@code silu: MUL(x0, SIGMOID(x0))}. */
    @Override
    public String toString() {
        StringJoiner all = new StringJoiner("; ", name + ": ", "");
        outputs.forEach(o -> all.add(text(o)));
        return all.toString();
    }

    private String text(int number) {
        Term t = code.get(number);
        return switch (t.primitive()) {
            case INPUT -> "x" + t.a();
            case PARAMETER -> "p" + t.a();
            case UNIFORM -> "u" + t.a();
            case CONSTANT -> String.format(Locale.ROOT, "%s", t.number());
            default -> {
                StringJoiner operands = new StringJoiner(", ", t.primitive() + "(", ")");
                for (int i = 0; i < t.primitive().arity(); i++) {
                    operands.add(text(t.operand(i)));
                }
                yield operands.toString();
            }
        };
    }
}
