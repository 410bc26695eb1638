package io.github.cortado.backend;

import java.util.function.LongToDoubleFunction;

/**
 * A number that changes from one training step to the next while the step's operations stay the
 * same: a learning rate, a count of updates, the number of a forward pass. Operations take a {@link
 * StepValue}, a reading that remembers where it came from, so that a step which a device has
 * compiled reads the number anew each time it runs.
 */
public abstract sealed class StepNumber {
    /** The bits of the value where the count is {@code count}: of a long or of a double. */
    public abstract long bits(long count);

    /** What the value is a function of; 0 for numbers that only their owner sets. */
    public abstract long count();

    /** The count that this number follows, or itself. */
    abstract StepNumber root();

    /** The present value. */
    public final StepValue now() {
        return new StepValue(bits(count()), this, count());
    }

    /** A whole number that steps add to. */
    public static final class Count extends StepNumber {
        private long value;

        /** Begins with 0. */
        public Count() {}

        /** The present value. */
        public long get() {
            return value;
        }

        /** Sets the value from outside of a step. */
        public void set(long newValue) {
            value = newValue;
        }

        /** Adds to the value, as a part of a step. */
        public void add(long n) {
            value += n;
            StepRecording recording = StepRecording.current();
            if (recording != null) {
                recording.moved(this, n);
            }
        }

        @Override
        public long bits(long count) {
            return count;
        }

        @Override
        public long count() {
            return value;
        }

        @Override
        StepNumber root() {
            return this;
        }
    }

    /** A number that the program sets between steps, such as a learning rate. */
    public static final class Rate extends StepNumber {
        private double value;

        /** Begins with this value. */
        public Rate(double value) {
            this.value = value;
        }

        /** The present value. */
        public double get() {
            return value;
        }

        /** Sets the value. */
        public void set(double newValue) {
            value = newValue;
        }

        @Override
        public long bits(long count) {
            return Double.doubleToRawLongBits(value);
        }

        @Override
        public long count() {
            return 0;
        }

        @Override
        StepNumber root() {
            return this;
        }
    }

    /** Adam's bias correction 1 - beta^t, t the value of a count. */
    public static final class Correction extends StepNumber {
        private final Rate beta;
        private final Count steps;

        /** Follows {@code steps}. */
        public Correction(double beta, Count steps) {
            this(new Rate(beta), steps);
        }

        /** As above, with a base that may be set between steps. */
        public Correction(Rate beta, Count steps) {
            this.beta = beta;
            this.steps = steps;
        }

        /** The base of the power. */
        public double beta() {
            return beta.get();
        }

        /**
         * beta^t for t from 0 up, by repeated squaring: products of doubles in a written order, so
         * that every device has the same bits.
         */
        public static double power(double beta, long t) {
            double power = 1;
            double square = beta;
            for (long rest = t; rest > 0; rest >>= 1) {
                if ((rest & 1) != 0) {
                    power *= square;
                }
                square *= square;
            }
            return power;
        }

        @Override
        public long bits(long count) {
            return Double.doubleToRawLongBits(1 - power(beta.get(), count));
        }

        @Override
        public long count() {
            return steps.get();
        }

        @Override
        StepNumber root() {
            return steps;
        }
    }

    /**
     * Another function of a count, in double, for which devices have no kernel: the host computes
     * it before each step, as it does with a {@link Rate} that was set.
     */
    public static final class Computed extends StepNumber {
        private final LongToDoubleFunction f;
        private final Count steps;

        /**
         * Follows {@code steps}; the function may read rates too, and what it made of the counts
         * before, but nothing else that changes. It may be asked of a count again.
         */
        public Computed(LongToDoubleFunction f, Count steps) {
            this.f = f;
            this.steps = steps;
        }

        @Override
        public long bits(long count) {
            return Double.doubleToRawLongBits(f.applyAsDouble(count));
        }

        @Override
        public long count() {
            return steps.get();
        }

        @Override
        StepNumber root() {
            return steps;
        }
    }
}
