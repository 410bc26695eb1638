package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Quarters;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Products of lines whose elements lie together, by {@link Quarters}: a line's levels stay in the
 * first-level cache. They have the bits of levels that are stored.
 */
final class LineProducts {
    /** Elements of a line that has a cache's place. */
    static final int LONGEST = 1 << 14;

    private final int n;

    /** By level, what is left of a line then, and whether four neighbours make one. */
    private final int[] left;

    private final boolean[] areNeighbours;

    /**
     * @param n elements of a line, {@link #LONGEST} at most
     */
    LineProducts(int n) {
        this.n = n;
        int[] sizes = new int[Integer.SIZE];
        boolean[] kinds = new boolean[Integer.SIZE];
        int levels = 0;
        for (int size = n; size > 1; levels++) {
            Quarters quarters = new Quarters(new Axis(1, size, 1));
            size = quarters.left();
            sizes[levels] = size;
            kinds[levels] = quarters.areNeighbours();
        }
        left = Arrays.copyOf(sizes, levels);
        areNeighbours = Arrays.copyOf(kinds, levels);
    }

    /** y_o = product over i of x_oi. */
    void run(Floats x, Floats y) {
        Parallel.forItems(
                y.length(),
                n,
                Parallel.RANGE,
                o -> y.array()[y.offset() + o] = line(x.array(), x.offset() + o * n));
    }

    private float line(float[] x, int from) {
        float[] level = Scratch.VALUES.floats(LONGEST + Quarters.PARTS);
        // From first to last: four quarters at a time come half as fast from memory.
        System.arraycopy(x, from, level, 0, n);
        int size = n;
        for (int i = 0; i < left.length; i++) {
            int next = left[i];
            for (int k = size; k < Quarters.PARTS * next; k++) {
                level[k] = 1;
            }
            if (areNeighbours[i]) {
                neighbours(level, next);
            } else {
                quarters(level, next);
            }
            size = next;
        }
        return level[0];
    }

    private static void quarters(float[] x, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector left =
                    FloatVector.fromArray(SPECIES, x, i)
                            .mul(FloatVector.fromArray(SPECIES, x, n + i));
            FloatVector right =
                    FloatVector.fromArray(SPECIES, x, 2 * n + i)
                            .mul(FloatVector.fromArray(SPECIES, x, 3 * n + i));
            left.mul(right).intoArray(x, i);
        }
        for (; i < n; i++) {
            x[i] = (x[i] * x[n + i]) * (x[2 * n + i] * x[3 * n + i]);
        }
    }

    private static void neighbours(float[] x, int n) {
        for (int i = 0; i < n; i++) {
            int q = Quarters.PARTS * i;
            x[i] = (x[q] * x[q + 1]) * (x[q + 2] * x[q + 3]);
        }
    }
}
