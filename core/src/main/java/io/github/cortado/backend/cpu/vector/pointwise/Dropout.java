package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;

import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.random.Philox;
import io.github.cortado.random.PhiloxStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Formulas#DROPOUT}: the words of {@link Philox}, and what becomes of them.
 *
 * <p>1: block by block, 51 cycles an element. 2: a block in each lane of a vector of longs, which
 * hold the whole products of a round. Two words go side by side into a long, so that numbers and
 * decisions only have to be seen as other types, and nothing is converted: bits of x / (1 - p) are
 * cleared where the word's sign says so.
 */
final class Dropout {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;

    /** Blocks of a vector, and the words in them. */
    private static final int BLOCKS = LONGS.length();

    private static final int WORDS = 4 * BLOCKS;
    private static final long LOW = 0xFFFFFFFFL;

    private static final LongVector COUNT = LongVector.zero(LONGS).addIndex(1);
    private static final VectorShuffle<Long> LOWER = VectorShuffle.fromOp(LONGS, l -> l / 2);
    private static final VectorShuffle<Long> UPPER =
            VectorShuffle.fromOp(LONGS, l -> (BLOCKS + l) / 2);
    private static final VectorMask<Long> ODD = VectorMask.fromLong(LONGS, 0xAAAAAAAAAAAAAAAAL);

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
    static void run(Operands o) {
        Parallel.forRanges(o.length(), new Dropout(o)::range);
    }

    private void range(int from, int length) {
        int whole = from % 4 == 0 ? length / WORDS * WORDS : 0;
        if (whole > 0) {
            blocks(from, whole);
        }
        rest(from + whole, length - whole);
    }

    private void blocks(int from, int n) {
        float[] in = x.array();
        int xo = x.offset() + from;
        float[] out = y.array();
        int yo = y.offset() + from;
        int block = from / 4;
        for (int i = 0; i < n; i += WORDS) {
            LongVector c0 = COUNT.add(block + i / 4);
            LongVector c1 = LongVector.broadcast(LONGS, stream.c1() & LOW);
            LongVector c2 = LongVector.broadcast(LONGS, stream.c2() & LOW);
            LongVector c3 = LongVector.broadcast(LONGS, stream.c3() & LOW);
            int k0 = (int) stream.seed();
            int k1 = (int) (stream.seed() >>> 32);
            for (int round = 0; round < Philox.ROUNDS; round++) {
                LongVector p0 = c0.mul(Philox.M0);
                LongVector p1 = c2.mul(Philox.M1);
                c0 = p1.lanewise(VectorOperators.LSHR, 32);
                c0 = c0.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, k0 & LOW);
                c2 = p0.lanewise(VectorOperators.LSHR, 32);
                c2 = c2.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, k1 & LOW);
                c1 = p1.and(LOW);
                c3 = p0.and(LOW);
                k0 += Philox.W0;
                k1 += Philox.W1;
            }
            LongVector first = c1.lanewise(VectorOperators.LSHL, 32).or(c0);
            LongVector second = c3.lanewise(VectorOperators.LSHL, 32).or(c2);
            LongVector lower = first.rearrange(LOWER).blend(second.rearrange(LOWER), ODD);
            LongVector upper = first.rearrange(UPPER).blend(second.rearrange(UPPER), ODD);
            store(lower, threshold, kept, in, xo + i, out, yo + i);
            store(upper, threshold, kept, in, xo + i + WORDS / 2, out, yo + i + WORDS / 2);
        }
    }

    private static void store(
            LongVector words, int threshold, float kept, float[] x, int xo, float[] y, int yo) {
        var dropped =
                words.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 8)
                        .sub(threshold)
                        .lanewise(VectorOperators.ASHR, 31);
        FloatVector.fromArray(SPECIES, x, xo)
                .mul(kept)
                .reinterpretAsInts()
                .lanewise(VectorOperators.AND_NOT, dropped)
                .reinterpretAsFloats()
                .intoArray(y, yo);
    }

    private void rest(int from, int length) {
        float[] in = x.array();
        int xo = x.offset() + from;
        float[] out = y.array();
        int yo = y.offset() + from;
        float[] mask = Scratch.VALUES.floats(length);
        stream.dropoutMask(p, kept, from, mask, 0, length);
        for (int i = 0; i < length; i++) {
            // A dropped element is 0 even where x is not a number.
            out[yo + i] = mask[i] == 0f ? 0f : mask[i] * in[xo + i];
        }
    }
}
