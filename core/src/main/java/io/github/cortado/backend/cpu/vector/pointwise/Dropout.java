package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.EQ;

import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.random.Philox;
import io.github.cortado.random.PhiloxStream;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Formulas#DROPOUT}: the words of {@link Philox}, and what becomes of them.
 *
 * <p>The words of some blocks lie in arrays, first ones beside first ones, and C2 makes vectors of
 * loops over them: of vectors by hand, which would be those of longs, JDK 17 boxes some in one
 * process and none in the next, and then takes twenty times as long; and with AVX2 longs have no
 * products.
 */
final class Dropout {
    /** Blocks of a piece, whose words lie in the first-level cache. */
    private static final int BLOCKS = 256;

    private static final int HALF = 0xFFFF;
    private static final int M0 = (int) Philox.M0;
    private static final int M1 = (int) Philox.M1;

    private final PhiloxStream stream;
    private final float p;
    private final float kept;
    private final int threshold;
    private final Floats x;
    private final Floats y;

    private Dropout(Operands o) {
        double[] parameters = o.numbers();
        this.stream = Interpreter.stream(o.streams().get(0));
        this.p = (float) parameters[0];
        this.kept = (float) parameters[1];
        this.threshold = PhiloxStream.dropoutThreshold(p);
        this.x = floats(o.inputs().get(0));
        this.y = floats(o.outputs().get(0));
    }

    /** y = x mask, the mask drawn from the dropout stream. */
    static Parallel.Range over(Operands o) {
        return new Dropout(o)::range;
    }

    private void range(int from, int length) {
        int whole = from % 4 == 0 ? length / 4 * 4 : 0;
        int[][] words = new int[8][BLOCKS];
        float[] mask = Scratch.FORMULA.floats(4 * BLOCKS);
        for (int at = 0; at < whole; at += 4 * BLOCKS) {
            int n = Math.min(4 * BLOCKS, whole - at);
            words((from + at) / 4, words);
            mask(words, mask);
            outputs(mask, x.array(), x.offset() + from + at, y.array(), y.offset() + from + at, n);
        }
        rest(from + whole, length - whole);
    }

    /** The words of blocks from the given one on: first ones, second ones, third and fourth. */
    private void words(int block, int[][] words) {
        for (int i = 0; i < BLOCKS; i++) {
            words[0][i] = block + i;
        }
        Arrays.fill(words[1], (int) stream.c1());
        Arrays.fill(words[2], (int) stream.c2());
        Arrays.fill(words[3], (int) stream.c3());
        int k0 = (int) stream.seed();
        int k1 = (int) (stream.seed() >>> 32);
        for (int round = 0; round < Philox.ROUNDS; round++) {
            int from = round % 2 * 4;
            round(words, from, 4 - from, k0, k1);
            k0 += Philox.W0;
            k1 += Philox.W1;
        }
    }

    private static void round(int[][] words, int from, int to, int k0, int k1) {
        product(words[from], M0, words[from + 3], k1, words[to + 2], words[to + 3]);
        product(words[from + 2], M1, words[from + 1], k0, words[to], words[to + 1]);
    }

    /**
     * A product's upper half, mixed with a word and a key, and its lower half. The upper half is
     * put together from products of halves.
     */
    private static void product(int[] c, int m, int[] other, int key, int[] upper, int[] lower) {
        int a = m & HALF;
        int b = m >>> 16;
        for (int i = 0; i < BLOCKS; i++) {
            int word = c[i];
            int u = word & HALF;
            int v = word >>> 16;
            int middle = v * a + (u * a >>> 16);
            int high = v * b + (middle >>> 16) + (u * b + (middle & HALF) >>> 16);
            upper[i] = high ^ other[i] ^ key;
            lower[i] = word * m;
        }
    }

    /** What the elements of the blocks are multiplied by. */
    private void mask(int[][] words, float[] mask) {
        for (int j = 0; j < 4; j++) {
            kept(words[j], threshold, Float.floatToRawIntBits(kept));
        }
        int[] a = words[0];
        int[] b = words[1];
        int[] c = words[2];
        int[] d = words[3];
        for (int i = 0; i < BLOCKS; i++) {
            mask[4 * i] = Float.intBitsToFloat(a[i]);
            mask[4 * i + 1] = Float.intBitsToFloat(b[i]);
            mask[4 * i + 2] = Float.intBitsToFloat(c[i]);
            mask[4 * i + 3] = Float.intBitsToFloat(d[i]);
        }
    }

    private static void kept(int[] words, int threshold, int bits) {
        for (int i = 0; i < BLOCKS; i++) {
            words[i] = ~((words[i] >>> 8) - threshold >> 31) & bits;
        }
    }

    /** A dropped element is 0 even where x is not a number. */
    private static void outputs(float[] mask, float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector m = FloatVector.fromArray(SPECIES, mask, i);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .mul(m)
                    .blend(0f, m.compare(EQ, 0f))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] = mask[i] == 0f ? 0f : mask[i] * x[xo + i];
        }
    }

    private void rest(int from, int length) {
        float[] mask = Scratch.FORMULA.floats(length);
        stream.dropoutMask(p, kept, from, mask, 0, length);
        outputs(mask, x.array(), x.offset() + from, y.array(), y.offset() + from, length);
    }
}
