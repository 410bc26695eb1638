package io.github.cortado.benchmarks;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A loop of vector multiply-adds that touches no memory. Loaded only where the Vector API is there.
 */
final class MultiplyAdds {
    /**
     * Multiply-adds of one turn of the loop, none of which waits for another. Two units with a
     * latency of 4 or 5 cycles keep 8 to 10 in flight; 12 and their two factors still fit in the 16
     * registers of AVX2.
     */
    static final int CHAINS = 12;

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    private MultiplyAdds() {}

    /** Floats in one vector. */
    static int lanes() {
        return SPECIES.length();
    }

    /**
     * Does 2 {@link #CHAINS} {@link #lanes} {@code turns} floating-point operations.
     *
     * @return a number that depends on all of them
     */
    static float run(int turns) {
        // x y + a, with a in a register that is overwritten: one instruction and no copy. Written
        // out because an array of vectors would be objects in memory.
        FloatVector x = FloatVector.broadcast(SPECIES, 1e-3f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1.5e-3f);
        FloatVector a = FloatVector.broadcast(SPECIES, 1);
        FloatVector b = FloatVector.broadcast(SPECIES, 2);
        FloatVector c = FloatVector.broadcast(SPECIES, 3);
        FloatVector d = FloatVector.broadcast(SPECIES, 4);
        FloatVector e = FloatVector.broadcast(SPECIES, 5);
        FloatVector f = FloatVector.broadcast(SPECIES, 6);
        FloatVector g = FloatVector.broadcast(SPECIES, 7);
        FloatVector h = FloatVector.broadcast(SPECIES, 8);
        FloatVector i = FloatVector.broadcast(SPECIES, 9);
        FloatVector j = FloatVector.broadcast(SPECIES, 10);
        FloatVector k = FloatVector.broadcast(SPECIES, 11);
        FloatVector l = FloatVector.broadcast(SPECIES, 12);
        for (int turn = 0; turn < turns; turn++) {
            a = x.fma(y, a);
            b = x.fma(y, b);
            c = x.fma(y, c);
            d = x.fma(y, d);
            e = x.fma(y, e);
            f = x.fma(y, f);
            g = x.fma(y, g);
            h = x.fma(y, h);
            i = x.fma(y, i);
            j = x.fma(y, j);
            k = x.fma(y, k);
            l = x.fma(y, l);
        }
        FloatVector s = a.add(b).add(c).add(d).add(e).add(f);
        FloatVector t = g.add(h).add(i).add(j).add(k).add(l);
        return s.add(t).lane(0);
    }
}
