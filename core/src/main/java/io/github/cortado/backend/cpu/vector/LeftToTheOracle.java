package io.github.cortado.backend.cpu.vector;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What the vector backend has no loops of its own for, method by method, and why. */
interface LeftToTheOracle extends Backend {
    /** Why a method is left to the oracle. */
    enum Reason {
        /** Functions of one element. */
        FUNCTION("a function of one element that has no vector loop yet", true),
        /** What a step does to a few numbers. */
        SMALL("touches a few numbers in a step", false);

        private final String words;
        private final boolean isSlow;

        Reason(String words, boolean isSlow) {
            this.words = words;
            this.isSlow = isSlow;
        }
    }

    /** Stands on each method that is left to the oracle. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface Left {
        /** Why. */
        Reason value();
    }

    /** A line for each reason that makes methods slow, with their names. */
    static List<String> slow() {
        Map<Reason, SortedSet<String>> names = new EnumMap<>(Reason.class);
        for (Method method : LeftToTheOracle.class.getDeclaredMethods()) {
            Left left = method.getAnnotation(Left.class);
            if (left != null && left.value().isSlow) {
                names.computeIfAbsent(left.value(), r -> new TreeSet<>()).add(method.getName());
            }
        }
        List<String> lines = new ArrayList<>();
        names.forEach(
                (reason, methods) ->
                        lines.add(
                                "slow, in scalar code: "
                                        + String.join(", ", methods)
                                        + ": "
                                        + reason.words));
        return lines;
    }

    /** Computes what is left to it. */
    Backend oracle();

    @Left(Reason.SMALL)
    @Override
    default void increment(Buffer y, long by) {
        oracle().increment(y, by);
    }

    @Left(Reason.SMALL)
    @Override
    default void cast(Buffer x, Buffer y) {
        oracle().cast(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void expGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().expGrad(y, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void logGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().logGrad(x, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void sqrt(Buffer x, Buffer y) {
        oracle().sqrt(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void sqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().sqrtGrad(y, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void rsqrt(Buffer x, Buffer y) {
        oracle().rsqrt(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void rsqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().rsqrtGrad(y, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void leakyRelu(Buffer x, Buffer y, double slope) {
        oracle().leakyRelu(x, y, slope);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void leakyReluGrad(Buffer x, Buffer dy, Buffer dx, double slope) {
        oracle().leakyReluGrad(x, dy, dx, slope);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void elu(Buffer x, Buffer y, double alpha) {
        oracle().elu(x, y, alpha);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void eluGrad(Buffer x, Buffer dy, Buffer dx, double alpha) {
        oracle().eluGrad(x, dy, dx, alpha);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void sigmoidGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().sigmoidGrad(y, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void tanhGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().tanhGrad(y, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void gelu(Buffer x, Buffer y) {
        oracle().gelu(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void geluGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().geluGrad(x, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void silu(Buffer x, Buffer y) {
        oracle().silu(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void siluGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().siluGrad(x, dy, dx);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void softplus(Buffer x, Buffer y) {
        oracle().softplus(x, y);
    }

    @Left(Reason.FUNCTION)
    @Override
    default void softplusGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().softplusGrad(x, dy, dx);
    }

    @Left(Reason.SMALL)
    @Override
    default void tally(
            Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec spec) {
        oracle().tally(y, logits, target, totals, spec);
    }

    @Left(Reason.SMALL)
    @Override
    default void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec spec) {
        oracle().crossEntropyGrad(probabilities, target, dy, dx, spec);
    }
}
