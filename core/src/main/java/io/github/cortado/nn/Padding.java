package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What layers share that put elements around x's last dimensions. */
abstract class Padding extends Layer {
    private final int[] around;
    private final String mode;
    private final double value;

    /**
     * For subclasses.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    Padding(String mode, double value, int... around) {
        if (Arrays.stream(around).anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException(
                    kind() + ": expected numbers from 0 up, got " + Arrays.toString(around));
        }
        this.around = around;
        this.mode = mode;
        this.value = value;
    }

    @Override
    public final Tensor forward(Tensor x) {
        return Functional.pad(x, around, mode, value);
    }

    @Override
    protected final String details() {
        String numbers =
                Arrays.stream(around)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", ", "(", ")"));
        return kind().startsWith("Constant")
                ? "padding=" + numbers + ", value=" + number(value)
                : numbers;
    }
}
