package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;

/**
 * Lines along an axis, side by side in strips of whole vectors, so that each lane has a line of its
 * own. Where lines have neighbours enough a strip lies in the buffer, and rows of it are {@code
 * axis.inner()} elements apart. Lines that fill no vector there are copied next to each other.
 *
 * <p>A line's results do not depend on which lane it has, nor on whether it was copied.
 */
public final class Strips {
    /** Elements of a strip, so that a few strips stay in the second-level cache. */
    private static final int SIZE = 1 << 14;

    /**
     * Lines of a strip: so few that a row of it is worth a loop, so many that calls do not show.
     */
    private static final int NARROWEST = 64;

    private static final int WIDEST = 256;

    private final Axis axis;

    /** Lines of a block of the axis that lie in whole vectors, and those that do not. */
    private final int whole;

    private final int rest;
    private final int width;
    private final int perBlock;
    private final int inPlace;
    private final int strips;

    /** The strips of an axis. */
    public Strips(Axis axis) {
        this.axis = axis;
        whole = axis.inner() / VL * VL;
        rest = axis.inner() - whole;
        int wanted = IntMath.roundUp(SIZE / Math.max(1, axis.n()), VL);
        width = Math.max(VL, Math.min(WIDEST, Math.max(NARROWEST, wanted)));
        perBlock = IntMath.ceilDiv(whole, width);
        inPlace = axis.outer() * perBlock;
        strips = inPlace + IntMath.ceilDiv(axis.outer() * rest, width);
    }

    /** How many there are. */
    public int count() {
        return strips;
    }

    /** Elements along the axis. */
    public int length() {
        return axis.n();
    }

    /** Does all strips, on all threads. */
    public void run(Body body) {
        Parallel.forChunks(strips, number -> body.run(strip(number)));
    }

    /** What is done with a strip. */
    @FunctionalInterface
    public interface Body {
        /** Does all lines of {@code strip}. */
        void run(Strip strip);
    }

    private Strip strip(int number) {
        if (number < inPlace) {
            int column = number % perBlock * width;
            int lines = Math.min(width, whole - column);
            return new Strip(this, number / perBlock * axis.inner() + column, lines, true);
        }
        int first = (number - inPlace) * width;
        return new Strip(this, first, Math.min(width, axis.outer() * rest - first), false);
    }

    /**
     * Rows of neighbours: element i of line l is {@code array[offset + i * apart + l]}.
     *
     * @param apart elements from a row to the next
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    public record Panel(float[] array, int offset, int apart) {
        /** Where row i begins. */
        public int row(int i) {
            return offset + i * apart;
        }
    }

    /**
     * Some lines of an axis.
     *
     * @param first the number of the first line, or of the first among those that fill no vector
     * @param lines how many
     * @param isInPlace whether they lie side by side in the buffers
     */
    public record Strip(Strips of, int first, int lines, boolean isInPlace) {
        /** Lanes for the lines, in whole vectors. */
        public int width() {
            return IntMath.roundUp(lines, VL);
        }

        /** The number of the strip's line l. */
        public int line(int l) {
            if (isInPlace) {
                return first + l;
            }
            int number = first + l;
            return number / of.rest * of.axis.inner() + of.whole + number % of.rest;
        }

        /** Where line l begins in a buffer. */
        public int start(int l) {
            return of.axis.line(line(l));
        }

        /** The lines of x; if they have to be copied, into {@code copy}. */
        public Panel of(Floats x, Scratch copy) {
            Panel panel = over(x, copy);
            if (!isInPlace) {
                copy(x, panel);
            }
            return panel;
        }

        /** Room for the lines of y, to be {@linkplain #put put} there. */
        public Panel over(Floats y, Scratch copy) {
            return isInPlace
                    ? new Panel(y.array(), y.offset() + of.axis.line(first), of.axis.inner())
                    : new Panel(copy.floats(of.axis.n() * width()), 0, width());
        }

        private void copy(Floats x, Panel panel) {
            float[] from = x.array();
            float[] to = panel.array;
            int inner = of.axis.inner();
            int n = of.axis.n();
            int width = panel.apart;
            for (int l = 0; l < lines; l++) {
                lineUp(from, x.offset() + start(l), inner, to, l, width, n);
            }
            for (int i = 0; i < n && lines < width; i++) {
                Arrays.fill(to, i * width + lines, (i + 1) * width, 0f);
            }
        }

        /** Puts the lines of a panel to where they belong in y, if they are not there. */
        public void put(Panel panel, Floats y) {
            if (!isInPlace) {
                int inner = of.axis.inner();
                for (int l = 0; l < lines; l++) {
                    lineUp(
                            panel.array,
                            l,
                            panel.apart,
                            y.array(),
                            y.offset() + start(l),
                            inner,
                            of.axis.n());
                }
            }
        }
    }

    private static void lineUp(float[] x, int p, int by, float[] y, int q, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[q + i * to] = x[p + i * by];
        }
    }
}
