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
    private static final int LINES = 400;
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
            test.check(test::crossEntropy);
            test.check(test::crossEntropyWithGrad);
            test.check(test::tally);
        } catch (RuntimeException e) {
            throw new AssertionError(e);
        }
    }

    private Buffer crossEntropy(ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.out(1);
        backend.crossEntropy(logits, target, r.out(logits.length()), y, s);
        return y;
    }

    private Buffer crossEntropyWithGrad(
            ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.out(1);
        backend.crossEntropyWithGrad(logits, target, y, r.out(logits.length()), null, s);
        return y;
    }

    private Buffer tally(ContractRun r, Buffer logits, Buffer target, CrossEntropySpec s) {
        Buffer y = r.in(1f);
        backend.tally(y, logits, target, r.inOutDoubles(3), s);
        return y;
    }

    private void check(Loss loss) {
        for (long bad : new long[] {-1, CLASSES, Long.MAX_VALUE}) {
            named(loss, 1, bad);
        }
        named(loss, 4, -1);
        ContractRun run = new ContractRun(backend, Placing.at(0));
        named(
                7,
                PLACE,
                () -> {
                    loss(loss, run, 1, PLACE, 7);
                    read(loss(loss, run, 1, 1, 8));
                });
    }

    private void named(Loss loss, int inner, long bad) {
        ContractRun run = new ContractRun(backend, Placing.at(0));
        named(bad, PLACE, () -> read(loss(loss, run, inner, PLACE, bad)));
        // It was told.
        read(loss(loss, run, inner, PLACE, 0));
    }

    private static void named(long bad, int place, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(
                "crossEntropy: target "
                        + bad
                        + " at position "
                        + place
                        + " is not a class from 0 to "
                        + (CLASSES - 1),
                message);
    }

    /** With that target at that place, and nothing but such targets behind, if it is no class. */
    private Buffer loss(Loss loss, ContractRun run, int inner, int place, long target) {
        long[] targets = new long[LINES];
        targets[place] = target;
        if (target != 0) {
            Arrays.fill(targets, place + 1, LINES, -9);
        }
        CrossEntropySpec s =
                new CrossEntropySpec(LINES / inner, CLASSES, inner, Reduction.MEAN, -100, 0);
        return loss.of(run, run.random(LINES * CLASSES), run.in(targets), s);
    }

    private void read(Buffer y) {
        backend.download(y, new float[1]);
    }
}
