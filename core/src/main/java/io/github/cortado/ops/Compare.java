package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.formula.Comparisons;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Functions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Masks: comparisons, and what is made of true and false. No gradients flow through them. */
public final class Compare {
    private static final Map<Formula, Relation> RELATIONS =
            Map.of(
                    Comparisons.EQUAL, Relation.EQUAL,
                    Comparisons.NOT_EQUAL, Relation.NOT_EQUAL,
                    Comparisons.LESS, Relation.LESS,
                    Comparisons.LESS_EQUAL, Relation.LESS_EQUAL,
                    Comparisons.GREATER, Relation.GREATER,
                    Comparisons.GREATER_EQUAL, Relation.GREATER_EQUAL);

    private Compare() {}

    /** A comparison of numbers of one type, or of whole numbers of any, with broadcasting. */
    public static Tensor apply(Formula how, Tensor a, Tensor b) {
        String op = how.name();
        Checks.sameDevice(op, a, b);
        if (!a.dtype().isFloat() && !b.dtype().isFloat()) {
            boolean truths = a.dtype() == DType.BOOL && b.dtype() == DType.BOOL;
            Relation relation = Objects.requireNonNull(RELATIONS.get(how), op);
            return related(op, relation, truths ? DType.BOOL : DType.INT64, a, b);
        }
        Checks.compatible(op, a, b);
        return mask(how, a.detach(), b.detach());
    }

    /** The mask of two tensors of whole numbers or of truths, which they become. */
    private static Tensor related(String op, Relation how, DType as, Tensor a, Tensor b) {
        Checks.sameDevice(op, a, b);
        Shape shape = Shape.broadcast(op, a.shape(), b.shape());
        Tensor left = expanded(a.detach().to(as), shape);
        Tensor right = b.detach().to(as);
        Tensor mask = Internals.empty(a.device(), DType.BOOL, shape);
        Tensor other = right.size() == 1 ? right : expanded(right, shape);
        a.device().backend().compare(how, left.buffer(), other.buffer(), mask.buffer());
        return mask;
    }

    private static Tensor expanded(Tensor x, Shape shape) {
        return x.shape().equals(shape) ? x : Layout.expand(x, shape);
    }

    /** A comparison with a number, which is rounded to the type of x. */
    public static Tensor apply(Formula how, Tensor x, double number) {
        if (x.dtype().isFloat()) {
            return mask(how, x.detach(), number(x, number));
        }
        long whole = (long) number;
        if (whole != number) {
            throw new IllegalArgumentException(
                    how.name()
                            + ": expected a whole number to compare "
                            + x.dtype()
                            + " with, got "
                            + number);
        }
        Tensor other =
                Constants.of(
                        x.device(),
                        DType.INT64,
                        List.of("whole", whole),
                        () -> Tensor.scalar(whole));
        return apply(how, x, other);
    }

    private static Tensor number(Tensor x, double value) {
        return Constants.of(
                x.device(),
                x.dtype(),
                List.of("number", value),
                () ->
                        x.dtype() == DType.FLOAT64
                                ? Tensor.scalar(value)
                                : Tensor.scalar((float) value));
    }

    /** Whether something is the case for each number. */
    public static Tensor is(Formula what, Tensor x) {
        if (!x.dtype().isFloat()) {
            boolean holds = what == Comparisons.IS_FINITE;
            return Tensor.zeros(x.device(), DType.BOOL, x.shape()).fill(holds ? 1 : 0);
        }
        return mask(what, x.detach());
    }

    private static Tensor mask(Formula how, Tensor... inputs) {
        Shape shape = shape(how, inputs);
        Tensor mask = Internals.empty(inputs[0].device(), DType.BOOL, shape);
        mask.device()
                .backend()
                .truths(
                        how,
                        Arrays.stream(inputs).map(Tensor::buffer).toList(),
                        Broadcast.of(shape, Arrays.stream(inputs).map(Tensor::shape).toList()),
                        mask.buffer());
        return mask;
    }

    private static Shape shape(Formula how, Tensor... inputs) {
        Checks.floating(how.name(), inputs[0]);
        Shape shape = inputs[0].shape();
        for (Tensor x : inputs) {
            shape = Shape.broadcast(how.name(), shape, x.shape());
        }
        return shape;
    }

    /** A mask as 1 and 0. */
    private static Tensor numbers(Formula how, Tensor... inputs) {
        return Pointwise.run(how, List.of(inputs), shape(how, inputs), List.of(), List.of());
    }

    /** Both are not 0. */
    public static Tensor and(Tensor a, Tensor b) {
        return related("logicalAnd", Relation.AND, DType.BOOL, a, b);
    }

    /** One is not 0, or both. */
    public static Tensor or(Tensor a, Tensor b) {
        return related("logicalOr", Relation.OR, DType.BOOL, a, b);
    }

    /** One is not 0, but not both. */
    public static Tensor xor(Tensor a, Tensor b) {
        return related("logicalXor", Relation.NOT_EQUAL, DType.BOOL, a, b);
    }

    /** x is 0. */
    public static Tensor not(Tensor x) {
        Tensor no =
                Constants.of(
                        x.device(),
                        DType.BOOL,
                        List.of("truth", false),
                        () -> Tensor.of(new boolean[] {false}));
        return related("logicalNot", Relation.EQUAL, DType.BOOL, x, no.reshape());
    }

    /** Whether any element along dimensions is not 0. */
    public static Tensor any(Tensor x, int[] dims, boolean keepDim) {
        Reduce.mark("any", x.shape(), dims);
        return ones(x, false).sum(keepDim, dims).to(DType.BOOL);
    }

    /** Whether all elements along dimensions are not 0. */
    public static Tensor all(Tensor x, int[] dims, boolean keepDim) {
        Reduce.mark("all", x.shape(), dims);
        return not(ones(x, true).sum(keepDim, dims).to(DType.BOOL));
    }

    /** 1 for each element that is 0, or for each that is not, 0 for others: to be added up. */
    private static Tensor ones(Tensor x, boolean ofZeros) {
        if (x.dtype() == DType.FLOAT32) {
            Formula how = ofZeros ? Comparisons.EQUAL : Comparisons.NOT_EQUAL;
            return numbers(how, x.detach(), number(x, 0));
        }
        return (ofZeros ? not(x) : x.detach().to(DType.BOOL)).to(DType.FLOAT32);
    }

    /** Places (int64) of the elements that are not 0, a row of indices for each; read by Java. */
    public static Tensor nonzero(Tensor x) {
        byte[] truths = x.detach().to(DType.BOOL).toBytes();
        return Places.of(truths, x.shape()).to(x.device());
    }

    /** The elements where the mask is true, as a vector; the mask is read by Java. */
    public static Tensor maskedSelect(Tensor x, Tensor mask) {
        mask("maskedSelect", mask, DType.BOOL);
        Shape shape = Shape.broadcast("maskedSelect", x.shape(), mask.shape());
        Tensor places = nonzero(expanded(mask, shape).reshape(-1)).reshape(-1);
        return expanded(x, shape).reshape(-1).indexSelect(0, places);
    }

    /** a where the condition is true, else b. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        Checks.compatible("where", a, b);
        Checks.sameDevice("where", condition, a);
        return Arrange.where(mask("where", condition, a.dtype()), a, b);
    }

    /** {@code value} where the mask is true, else x. */
    public static Tensor maskedFill(Tensor x, Tensor mask, double value) {
        Checks.floating("maskedFill", x);
        Checks.sameDevice("maskedFill", mask, x);
        Tensor m = mask("maskedFill", mask, x.dtype());
        Shape shape = Shape.broadcast("maskedFill", x.shape(), mask.shape());
        Checks.require(
                shape.equals(x.shape()),
                "maskedFill: a mask %s does not stretch to %s",
                mask.shape(),
                x.shape());
        return Pointwise.apply(Functions.MASKED_FILL, m, x, value);
    }

    /**
     * A mask, as 1 and 0 of a type.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Tensor mask(String op, Tensor mask, DType dtype) {
        if (mask.dtype() != DType.BOOL) {
            throw new IllegalArgumentException(
                    op
                            + ": expects a mask as bool, as comparisons give it, got "
                            + mask.dtype()
                            + " "
                            + mask.shape());
        }
        return mask.to(dtype);
    }
}
