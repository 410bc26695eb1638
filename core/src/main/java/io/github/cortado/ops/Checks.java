package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/** Checks of user input that several operations share; messages are built only on failure. */
final class Checks {
    private Checks() {}

    /** All tensors are on one device and of one floating dtype. */
    static void compatible(String op, Tensor first, Tensor... others) {
        floating(op, first);
        for (Tensor other : others) {
            if (!first.device().sameAs(other.device()) || first.dtype() != other.dtype()) {
                throw new IllegalArgumentException(
                        op
                                + ": one tensor "
                                + place(first)
                                + ", another "
                                + place(other)
                                + "; "
                                + howToMeet(first, other));
            }
        }
    }

    /** A number of elements, or of those along a dimension, that an array of Java can have. */
    static int size(String op, long n) {
        require(n <= Integer.MAX_VALUE - 64, "%s: %s elements are more than 2^31 - 65", op, n);
        return (int) n;
    }

    static void sameDevice(String op, Tensor a, Tensor b) {
        if (!a.device().sameAs(b.device())) {
            throw new IllegalArgumentException(
                    op
                            + ": one tensor "
                            + place(a)
                            + ", another "
                            + place(b)
                            + "; move one with to(device)");
        }
    }

    private static String place(Tensor x) {
        return x.shape() + " is " + x.dtype() + " on " + x.device();
    }

    /** All that has to be done, so that no second message follows the first. */
    private static String howToMeet(Tensor a, Tensor b) {
        if (a.dtype() == b.dtype()) {
            return "move one with to(device)";
        }
        boolean moves = !a.device().sameAs(b.device());
        if (!a.dtype().isFloat() || !b.dtype().isFloat()) {
            return "convert one with to(DType)" + (moves ? " and move it with to(device)" : "");
        }
        return moves
                ? "make the float64 one float32 with to(DType.FLOAT32) and move it with"
                        + " to(device), or compute all in float64 on Device.cpuScalar()"
                : "convert one with to(DType.FLOAT32) or to(DType.FLOAT64)";
    }

    static void floating(String op, Tensor x) {
        if (!x.dtype().isFloat()) {
            throw new IllegalArgumentException(
                    op + ": expects floating-point numbers, got " + x.dtype() + " " + x.shape());
        }
        if (!x.device().backend().supports(x.dtype())) {
            throw new IllegalArgumentException(
                    op
                            + ": device "
                            + x.device()
                            + " does not compute in "
                            + x.dtype()
                            + ", Device.cpuScalar() does");
        }
    }

    static void integers(String op, String what, Tensor x) {
        if (x.dtype() != DType.INT64) {
            throw new IllegalArgumentException(
                    op + ": expects " + what + " as int64, got " + x.dtype() + " " + x.shape());
        }
    }

    /**
     * Refuses numbers (int64) that are not from 0 to below {@code size}, by a look-up where nothing
     * is: on a GPU when a value is read, so that a step with it can be recorded.
     *
     * @param on a tensor of the device that finds them
     * @param expected what is said of the numbers
     * @param given what the user has given, of which they were made
     */
    static void indices(
            Tensor on, Tensor numbers, int size, Supplier<String> expected, Tensor given) {
        try {
            on.sibling(Shape.of(size)).indexSelect(0, numbers);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    expected.get() + ", got " + Arrays.toString(given.toLongs()), e);
        }
    }

    static void rank(String op, String what, Tensor x, int rank) {
        if (x.shape().rank() != rank) {
            throw new ShapeException(
                    op + ": expects " + what + " with " + rank + " dimensions, got " + x.shape());
        }
    }

    static void require(boolean condition, String format, Object... args) {
        if (!condition) {
            throw new ShapeException(String.format(Locale.ROOT, format, args));
        }
    }
}
