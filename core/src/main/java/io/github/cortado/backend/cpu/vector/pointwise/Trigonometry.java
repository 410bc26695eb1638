package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.FloatVector.broadcast;

import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Sine and cosine over whole vectors; at most 2.5 ulp off. With x = k pi / 2 + r, |r| at most pi /
 * 4, they are a polynomial of r, fitted here; pi / 2 is taken away in three parts, the first two
 * short enough for their products with k to be exact. What is too large for that is Java's.
 */
final class Trigonometry {
    /** Up to here k times a part of pi / 2 loses nothing. */
    private static final float MODERATE = 65536f;

    private static final float TWO_OVER_PI = 0.63661975f;
    private static final float PI_HALF_HIGH = 0x1.921f8p+0f;
    private static final float PI_HALF_MIDDLE = 0x1.aa22p-19f;
    private static final float PI_HALF_LOW = 0x1.68c234p-39f;

    // sin r = r + r z (S0 + S1 z + ...), z = r^2.
    private static final float S0 = -0x1.555556p-3f;
    private static final float S1 = 0x1.111108p-7f;
    private static final float S2 = -0x1.a00f8p-13f;
    private static final float S3 = 0x1.6cd208p-19f;

    // cos r = 1 - z / 2 + z^2 (C0 + C1 z + ...).
    private static final float C0 = 0x1.55554ap-5f;
    private static final float C1 = -0x1.6c0c54p-10f;
    private static final float C2 = 0x1.99f41p-16f;

    private Trigonometry() {}

    /** y = sin x. */
    static void sin(float[] x, int p, float[] y, int to, int n) {
        run(x, p, y, to, n, 0);
    }

    /** y = cos x = sin(x + pi / 2). */
    static void cos(float[] x, int p, float[] y, int to, int n) {
        run(x, p, y, to, n, 1);
    }

    private static void run(float[] x, int p, float[] y, int to, int n, int quarters) {
        if (areModerate(x, p, n)) {
            ofModerate(x, p, y, to, n, quarters);
            return;
        }
        float[] given = Scratch.OPERANDS.floats(Block.SIZE);
        System.arraycopy(x, p, given, 0, n);
        ofModerate(x, p, y, to, n, quarters);
        for (int i = 0; i < n; i++) {
            if (!(Math.abs(given[i]) <= MODERATE)) {
                double v = given[i];
                y[to + i] = (float) (quarters == 0 ? StrictMath.sin(v) : StrictMath.cos(v));
            }
        }
    }

    private static boolean areModerate(float[] x, int p, int n) {
        boolean all = true;
        for (int i = 0; i < n; i += VL) {
            FloatVector size = FloatVector.fromArray(SPECIES, x, p + i).abs();
            all &= size.compare(VectorOperators.LE, MODERATE).allTrue();
        }
        return all;
    }

    private static void ofModerate(float[] x, int p, float[] y, int to, int n, int quarters) {
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector shifted =
                    v.fma(
                            broadcast(SPECIES, TWO_OVER_PI),
                            broadcast(SPECIES, ElementaryFunctions.ROUND));
            FloatVector k = shifted.sub(ElementaryFunctions.ROUND).neg();
            FloatVector r = k.fma(broadcast(SPECIES, PI_HALF_HIGH), v);
            r = k.fma(broadcast(SPECIES, PI_HALF_MIDDLE), r);
            r = k.fma(broadcast(SPECIES, PI_HALF_LOW), r);
            FloatVector z = r.mul(r);
            FloatVector s =
                    z.fma(broadcast(SPECIES, S3), broadcast(SPECIES, S2))
                            .fma(z, broadcast(SPECIES, S1))
                            .fma(z, broadcast(SPECIES, S0))
                            .mul(z)
                            .fma(r, r);
            // -0 stays what it is.
            s = s.blend(r, r.compare(VectorOperators.EQ, 0f));
            FloatVector c =
                    z.fma(broadcast(SPECIES, C2), broadcast(SPECIES, C1))
                            .fma(z, broadcast(SPECIES, C0))
                            .fma(z, broadcast(SPECIES, -0.5f))
                            .fma(z, broadcast(SPECIES, 1f));
            // The quadrant's lowest bit says which of the two, the next one the sign.
            IntVector quadrant = shifted.reinterpretAsInts().add(quarters);
            IntVector odd = quadrant.lanewise(VectorOperators.LSHL, 31);
            VectorMask<Float> isCosine = odd.compare(VectorOperators.LT, 0).cast(SPECIES);
            IntVector sign = quadrant.and(2).lanewise(VectorOperators.LSHL, 30);
            IntVector found = s.blend(c, isCosine).reinterpretAsInts();
            TYPE.cast(found.lanewise(VectorOperators.XOR, sign).reinterpretAsFloats())
                    .intoArray(y, to + i);
        }
    }
}
