package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;

/**
 * A loop of softmax over some lines, which stay in the cache from one step to the next.
 *
 * <p>Steps are called through a list and not one after the other: of what C2 compiles together only
 * some twenty vector operations are inlined on JDK 17, and each of those beyond makes an object. A
 * call that has many targets it leaves as it is.
 */
@FunctionalInterface
interface Step {
    /** Does this step. */
    void run(Work w);

    /** Does all of them. */
    static void all(Step[] steps, Work w) {
        for (Step step : steps) {
            step.run(w);
        }
    }

    /**
     * Lines that are worked on, rows of x and g that become rows of y, and what is known of each.
     */
    final class Work {
        final Panel x;
        final Panel g;
        final Panel y;
        final int rows;

        /** Elements of a row. */
        final int width;

        /** Lines, in whole vectors. */
        final int lines;

        /** The largest element of each line. */
        final float[] max;

        /** A sum of each line, and what rounding took from it. */
        final float[] sums;

        final float[] lost;

        /** What each line is multiplied by, or what is subtracted from it. */
        final float[] factors;

        /** Room for a vector. */
        final float[] lanes = Scratch.LANE_SUMS.floats(VL);

        Work(Panel x, Panel g, Panel y, int rows, int width, int lines) {
            this.x = x;
            this.g = g;
            this.y = y;
            this.rows = rows;
            this.width = width;
            this.lines = IntMath.roundUp(lines, VL);
            max = Scratch.MAXIMA.floats(this.lines);
            sums = Scratch.SUMS.floats(this.lines);
            lost = Scratch.LOST.floats(this.lines);
            factors = Scratch.FACTORS.floats(this.lines);
        }
    }
}
