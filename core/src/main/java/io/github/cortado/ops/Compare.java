package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.formula.Comparisons;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Functions;
import java.util.List;
import java.util.stream.IntStream;

/** Masks: comparisons, and what is made of true and false. No gradients flow through them. */
public final class Compare {
    private Compare() {}

    /** A comparison of numbers of one type, or of whole numbers of any, with broadcasting. */
    public static Tensor apply(Formula how, Tensor a, Tensor b) {
        String op = how.name();
        Checks.sameDevice(op, a, b);
        if (!a.dtype().isFloat() && !b.dtype().isFloat()) {
            Shape shape = Shape.broadcast(op, a.shape(), b.shape());
            Tensor sign = Tensor.zeros(a.device(), DType.FLOAT32, shape);
            a.device()
                    .backend()
                    .compare(whole(a, shape).buffer(), whole(b, shape).buffer(), sign.buffer());
            return mask(how, sign, number(sign, 0));
        }
        Checks.compatible(op, a, b);
        return mask(how, a.detach(), b.detach());
    }

    private static Tensor whole(Tensor x, Shape shape) {
        Tensor v = x.detach().to(DType.INT64);
        return v.shape().equals(shape) ? v : Layout.expand(v, shape);
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
        Checks.floating(how.name(), inputs[0]);
        Shape shape = inputs[0].shape();
        for (Tensor x : inputs) {
            shape = Shape.broadcast(how.name(), shape, x.shape());
        }
        try (var pause = Autograd.noGrad()) {
            return Pointwise.run(how, List.of(inputs), shape, List.of(), List.of()).to(DType.BOOL);
        }
    }

    /** Both are not 0. */
    public static Tensor and(Tensor a, Tensor b) {
        return truth(a).mul(truth(b)).to(DType.BOOL);
    }

    /** One is not 0, or both. */
    public static Tensor or(Tensor a, Tensor b) {
        return truth(a).add(truth(b)).to(DType.BOOL);
    }

    /** One is not 0, but not both. */
    public static Tensor xor(Tensor a, Tensor b) {
        return truth(a).sub(truth(b)).to(DType.BOOL);
    }

    /** x is 0. */
    public static Tensor not(Tensor x) {
        return mask(Comparisons.NOT, truth(x));
    }

    /** Whether any element along dimensions is not 0. */
    public static Tensor any(Tensor x, int[] dims, boolean keepDim) {
        return truth(x).sum(keepDim, dims).to(DType.BOOL);
    }

    /** Whether all elements along dimensions are not 0. */
    public static Tensor all(Tensor x, int[] dims, boolean keepDim) {
        return not(any(not(x), dims, keepDim));
    }

    /** 1 and 0 in float32. */
    private static Tensor truth(Tensor x) {
        return x.detach().to(DType.BOOL).to(DType.FLOAT32);
    }

    /** Places (int64) of the elements that are not 0, a row of indices for each; read by Java. */
    public static Tensor nonzero(Tensor x) {
        byte[] truths = x.detach().to(DType.BOOL).toBytes();
        int rank = x.shape().rank();
        int[] strides = x.shape().strides();
        int[] places = IntStream.range(0, truths.length).filter(i -> truths[i] != 0).toArray();
        long[] indices = new long[Math.multiplyExact(places.length, rank)];
        for (int k = 0; k < places.length; k++) {
            int rest = places[k];
            for (int d = 0; d < rank; d++) {
                indices[k * rank + d] = rest / strides[d];
                rest %= strides[d];
            }
        }
        return Tensor.of(indices, places.length, rank).to(x.device());
    }

    /** The elements where the mask is true, as a vector; the mask is read by Java. */
    public static Tensor maskedSelect(Tensor x, Tensor mask) {
        mask("maskedSelect", mask, DType.BOOL);
        Shape shape = Shape.broadcast("maskedSelect", x.shape(), mask.shape());
        Tensor whole = mask.shape().equals(shape) ? mask : Layout.expand(mask, shape);
        Tensor places = nonzero(whole.reshape(-1)).reshape(-1);
        Tensor all = x.shape().equals(shape) ? x : Layout.expand(x, shape);
        return all.reshape(-1).indexSelect(0, places);
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
