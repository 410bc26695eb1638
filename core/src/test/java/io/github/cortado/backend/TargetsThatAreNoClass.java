package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.Scope;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.Arrays;

/**
 * What losses do with a target that is no class: the first one is named, once, by the call or when
 * a device is asked for results.
 */
public final class TargetsThatAreNoClass {
    private static final int CLASSES = 3;
    private static final int FEW = 24;
    private static final int MANY = 400;
    private static final int PLACE = 9;

    /** A loss of logits and targets, whose y is returned. */
    @FunctionalInterface
    private interface Loss {
        Buffer of(ContractRun run, Buffer logits, Buffer target, CrossEntropySpec s);
    }

    private final Backend backend;

    private TargetsThatAreNoClass(Backend backend) {
        this.backend = backend;
    }

    /**
     * Passes if every loss of the backend names them.
     *
     * @throws AssertionError if one does not
     */
    public static void check(Backend backend) {
        TargetsThatAreNoClass test = new TargetsThatAreNoClass(backend);
        try (Scope scope = Scope.open()) {
            test.check(test::alone);
            test.check(test::withGradient);
            test.check(test::withTotals);
        } catch (RuntimeException e) {
            throw new AssertionError(e);
        }
    }

    private Buffer alone(ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.out(1);
        backend.crossEntropy(logits, target, y, null, null, s);
        return y;
    }

    private Buffer withGradient(ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.out(1);
        backend.crossEntropy(logits, target, y, r.out(logits.length()), null, s);
        return y;
    }

    private Buffer withTotals(ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.out(1);
        backend.crossEntropy(logits, target, y, null, r.inOutDoubles(3), s);
        return y;
    }

    private void check(Loss loss) {
        for (long bad : new long[] {-1, CLASSES, Long.MAX_VALUE}) {
            ContractRun run = new ContractRun(backend, Placing.at(0));
            named(bad, () -> read(loss(loss, run, FEW, 1, PLACE, bad)));
            // It was told.
            read(loss(loss, run, FEW, 1, PLACE, 0));
        }
        ContractRun run = new ContractRun(backend, Placing.at(0));
        named(-1, () -> read(loss(loss, run, FEW, 4, PLACE, -1)));
        named(
                7,
                () -> {
                    loss(loss, run, MANY, 1, PLACE, 7);
                    read(loss(loss, run, FEW, 1, 1, 8));
                });
    }

    private static void named(long bad, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(
                "crossEntropy: target "
                        + bad
                        + " at position "
                        + PLACE
                        + " is not a class from 0 to "
                        + (CLASSES - 1),
                message);
    }

    /** With that target at that place, and nothing but such targets behind, if it is no class. */
    private Buffer loss(Loss loss, ContractRun run, int lines, int inner, int place, long target) {
        long[] targets = new long[lines];
        targets[place] = target;
        if (target != 0) {
            Arrays.fill(targets, place + 1, lines, -9);
        }
        CrossEntropySpec s =
                new CrossEntropySpec(lines / inner, CLASSES, inner, Reduction.MEAN, -100, 0);
        return loss.of(run, run.random(lines * CLASSES), run.in(targets), s);
    }

    private void read(Buffer y) {
        backend.download(y, new float[1]);
    }
}
