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
        /** From one type to another. */
        TYPES("goes from type to type number by number", true),
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

    @Left(Reason.TYPES)
    @Override
    default void cast(Buffer x, Buffer y) {
        oracle().cast(x, y);
    }

    @Left(Reason.SMALL)
    @Override
    default void tally(
            Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec spec) {
        oracle().tally(y, logits, target, totals, spec);
    }
}
