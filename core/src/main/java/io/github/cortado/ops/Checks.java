package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;

/** Checks of user input that several operations share; messages are built only on failure. */
final class Checks {
    private Checks() {}

    /** All tensors are on one device and of one floating dtype. */
    static void compatible(String op, Tensor first, Tensor... others) {
        floating(op, first);
        for (Tensor other : others) {
            sameDevice(op, first, other);
            if (first.dtype() != other.dtype()) {
                throw new IllegalArgumentException(
                        op + ": dtypes " + first.dtype() + " and " + other.dtype() + " differ");
            }
        }
    }

    static void sameDevice(String op, Tensor a, Tensor b) {
        if (!a.device().sameAs(b.device())) {
            throw new IllegalArgumentException(
                    op
                            + ": one tensor "
                            + a.shape()
                            + " is on "
                            + a.device()
                            + ", another "
                            + b.shape()
                            + " on "
                            + b.device()
                            + "; move one with to(device)");
        }
    }

    static void floating(String op, Tensor x) {
        if (!x.dtype().isFloat()) {
            throw new IllegalArgumentException(
                    op + ": expects floating-point numbers, got " + x.dtype() + " " + x.shape());
        }
        if (!x.device().backend().supports(x.dtype())) {
            throw new IllegalArgumentException(
                    op + ": device " + x.device() + " does not compute in " + x.dtype());
        }
    }

    static void integers(String op, String what, Tensor x) {
        if (x.dtype() != DType.INT64) {
            throw new IllegalArgumentException(
                    op + ": expects " + what + " as int64, got " + x.dtype() + " " + x.shape());
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
            throw new ShapeException(String.format(format, args));
        }
    }
}
