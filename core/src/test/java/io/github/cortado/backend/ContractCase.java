package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.cortado.Scope;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.List;

/**
 * One call of one method of {@link Backend}.
 *
 * @param terms how many numbers are added up for one element of the result; the tolerance grows
 *     with it
 */
public record ContractCase(String method, String title, int terms, Call call) {
    /** 2^-23, the distance from 1 to the next float. */
    private static final double ULP = Math.ulp(1f);

    private static final ScalarBackend REFERENCE = new ScalarBackend();

    /** Makes the buffers and calls the method. */
    @FunctionalInterface
    interface Call {
        void run(Backend backend, ContractRun buffers);
    }

    /**
     * Passes if the backend does what the scalar backend does.
     *
     * @throws AssertionError naming the row and the first difference
     */
    public void check(Backend backend, Placing placing) {
        check(expected(), results(backend, placing), placing);
    }

    /** What the scalar backend makes of it, float[] or long[] each. */
    public List<Object> expected() {
        return results(REFERENCE, Placing.at(0));
    }

    /**
     * As {@link #check(Backend, Placing)}, with what {@link #expected} and {@link #results} gave.
     */
    public void check(List<Object> right, List<Object> found, Placing placing) {
        check(right, found, placing, Leeway.NONE);
    }

    /** The same, where something is forgiven. */
    public void check(List<Object> right, List<Object> found, Placing placing, Leeway leeway) {
        assertEquals(right.size(), found.size());
        for (int i = 0; i < right.size(); i++) {
            String where = this + " " + placing + ", result " + i;
            if (right.get(i) instanceof long[] v) {
                assertEquals(v.length, ((long[]) found.get(i)).length, where);
                if (!(leeway.blurs() && hasEquals())) {
                    assertArrayEquals(v, (long[]) found.get(i), where);
                }
            } else if (!(leeway.maximaAnywhere() && hasEquals() && isGradientOfMaxima())) {
                compare(where, (float[]) right.get(i), (float[]) found.get(i), leeway);
            }
        }
    }

    /** Whether numbers are equal on purpose, or not a number; such rows say it in their titles. */
    private boolean hasEquals() {
        return title.contains("ties")
                || title.contains("NaN")
                || title.startsWith("special ")
                || title.startsWith("finite ");
    }

    private boolean isGradientOfMaxima() {
        return method.equals("maxPool2dGrad");
    }

    private void compare(String where, float[] right, float[] found, Leeway leeway) {
        assertEquals(right.length, found.length, where);
        boolean mayBeNaN = leeway.blurs() && hasNaN(right);
        for (int i = 0; i < right.length; i++) {
            double limit = leeway.factor() * ULP * (4 + terms) * Math.max(1, Math.abs(right[i]));
            boolean same =
                    Float.compare(right[i], found[i]) == 0
                            || (Math.abs((double) right[i] - found[i]) <= limit
                                    && !Float.isInfinite(right[i]))
                            || (mayBeNaN && Float.isNaN(found[i]));
            if (!same) {
                fail(where + "[" + i + "]: " + found[i] + ", expected " + right[i]);
            }
        }
    }

    private static boolean hasNaN(float[] v) {
        for (float u : v) {
            if (Float.isNaN(u)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The results on a backend, float[] or long[] each.
     *
     * @throws AssertionError if the call fails or writes elsewhere too
     */
    public List<Object> results(Backend backend, Placing placing) {
        ContractRun run = new ContractRun(backend, placing);
        try (Scope scope = Scope.open()) {
            call.run(backend, run);
            assertNull(run.damage(), () -> this + " " + placing);
            return run.results();
        } catch (RuntimeException e) {
            throw new AssertionError(this + " " + placing + ": " + e, e);
        }
    }

    /**
     * The same with numbers that TF32 holds exactly. What tensor cores still have to be forgiven is
     * that they cut off what they add: for each term less than 2^-23 of the sum so far (a
     * derivation is in the tests of the CUDA backend). Of products of numbers from -1 to 1, whose
     * mean square is 1/9, it wanders as far as a third of the root of their number, whatever the
     * result is.
     */
    public ContractCase rounded() {
        int forgiven = (int) Math.ceil(terms * Math.max(1, Math.sqrt(terms) / 3));
        return new ContractCase(
                method, title + " in TF32", forgiven, (b, r) -> call.run(b, r.rounded()));
    }

    @Override
    public String toString() {
        return method + " " + title;
    }
}
