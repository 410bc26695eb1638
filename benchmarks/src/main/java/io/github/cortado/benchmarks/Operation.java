package io.github.cortado.benchmarks;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * An operation to be timed.
 *
 * @param name what is called, with which kind of operands; the size comes first
 * @param inputs of the call, in order
 * @param prepare makes a call of its inputs, with state of its own where the operation has such
 * @param hasGradient whether there is something to walk back through
 */
record Operation(
        String name,
        List<Input> inputs,
        Function<List<Tensor>, Supplier<Tensor>> prepare,
        boolean hasGradient) {

    /**
     * A tensor that an operation is given.
     *
     * @param low least of its random values; integers are truncated
     * @param high what they stay below
     * @param leaf whether a gradient is wanted
     */
    record Input(DType dtype, List<Integer> shape, double low, double high, boolean leaf) {
        /** A leaf of float32 with values in -2 to 2. */
        static Input of(int... shape) {
            return new Input(DType.FLOAT32, Arrays.stream(shape).boxed().toList(), -2, 2, true);
        }

        Input within(double least, double bound) {
            return new Input(dtype, shape, least, bound, leaf);
        }

        /** Without a gradient. */
        Input constant() {
            return new Input(dtype, shape, low, high, false);
        }

        Input as(DType other) {
            return new Input(other, shape, low, high, leaf && other.isFloat());
        }

        int[] sizes() {
            return shape.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
