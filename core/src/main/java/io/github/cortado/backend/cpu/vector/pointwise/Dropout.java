package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.random.Philox;
import io.github.cortado.random.PhiloxStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Formulas#DROPOUT}: the words of {@link Philox}, and what becomes of them.
 *
 * <p>1: block by block, 51 cycles an element. 2: a block in each lane of a vector of longs, which
 * hold the whole products of a round. Two words go side by side into a long, so that numbers and
 * decisions only have to be seen as other types, and nothing is converted: bits of x / (1 - p) are
 * cleared where the word's sign says so. 3: two such vectors, for a round waits for the one before;
 * their lanes hold the blocks in an order in which half of the words lie where they belong.
 */
final class Dropout {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /** Blocks of a vector, and the words in them. */
    private static final int BLOCKS = LONGS.length();

    private static final int WORDS = 4 * BLOCKS;
    private static final long LOW = 0xFFFFFFFFL;

    /** Elements whose words lie in the first-level cache between the two loops. */
    private static final int PIECE = 1024;

    /** Even lanes hold the blocks of the lower half, odd ones those of the upper half. */
    private static final LongVector COUNT =
            (LongVector) VectorShuffle.fromOp(LONGS, l -> l / 2 + l % 2 * (BLOCKS / 2)).toVector();

    private static final VectorShuffle<Long> NEIGHBOURS = VectorShuffle.fromOp(LONGS, l -> l ^ 1);
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
        int whole = from % 4 == 0 ? length / (2 * WORDS) * (2 * WORDS) : 0;
        int[] words = Scratch.PLACES.ints(PIECE);
        for (int at = 0; at < whole; at += PIECE) {
            int n = Math.min(PIECE, whole - at);
            words(stream, (from + at) / 4, words, n);
            outputs(words, x.array(), x.offset() + from + at, y.array(), y.offset() + from + at, n);
        }
        rest(from + whole, length - whole);
    }

    /** Words of blocks from the given one on: c0 and c1 of some blocks, then c2 and c3. */
    private static void words(PhiloxStream stream, int block, int[] words, int n) {
        LongVector start1 = LongVector.broadcast(LONGS, stream.c1() & LOW);
        LongVector start2 = LongVector.broadcast(LONGS, stream.c2() & LOW);
        LongVector start3 = LongVector.broadcast(LONGS, stream.c3() & LOW);
        int key0 = (int) stream.seed();
        int key1 = (int) (stream.seed() >>> 32);
        for (int i = 0; i < n; i += 2 * WORDS) {
            LongVector c0 = COUNT.add(block + i / 4);
            LongVector c1 = start1;
            LongVector c2 = start2;
            LongVector c3 = start3;
            LongVector d0 = c0.add(BLOCKS);
            LongVector d1 = start1;
            LongVector d2 = start2;
            LongVector d3 = start3;
            int k0 = key0;
            int k1 = key1;
            for (int round = 0; round < Philox.ROUNDS; round++) {
                LongVector first = LongVector.broadcast(LONGS, k0 & LOW);
                LongVector second = LongVector.broadcast(LONGS, k1 & LOW);
                LongVector p0 = c0.mul(Philox.M0);
                LongVector p1 = c2.mul(Philox.M1);
                LongVector q0 = d0.mul(Philox.M0);
                LongVector q1 = d2.mul(Philox.M1);
                c0 = p1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, first);
                c2 = p0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, second);
                d0 = q1.lanewise(LSHR, 32).lanewise(XOR, d1).lanewise(XOR, first);
                d2 = q0.lanewise(LSHR, 32).lanewise(XOR, d3).lanewise(XOR, second);
                c1 = p1.and(LOW);
                c3 = p0.and(LOW);
                d1 = q1.and(LOW);
                d3 = q0.and(LOW);
                k0 += Philox.W0;
                k1 += Philox.W1;
            }
            c1.lanewise(LSHL, 32).or(c0).reinterpretAsInts().intoArray(words, i);
            c3.lanewise(LSHL, 32).or(c2).reinterpretAsInts().intoArray(words, i + WORDS / 2);
            d1.lanewise(LSHL, 32).or(d0).reinterpretAsInts().intoArray(words, i + WORDS);
            d3.lanewise(LSHL, 32).or(d2).reinterpretAsInts().intoArray(words, i + WORDS * 3 / 2);
        }
    }

    private void outputs(int[] words, float[] x, int xo, float[] y, int yo, int n) {
        int least = threshold;
        float factor = kept;
        for (int i = 0; i < n; i += WORDS) {
            LongVector first = IntVector.fromArray(INTS, words, i).reinterpretAsLongs();
            LongVector second =
                    IntVector.fromArray(INTS, words, i + WORDS / 2).reinterpretAsLongs();
            IntVector lower =
                    first.blend(second.rearrange(NEIGHBOURS), ODD)
                            .reinterpretAsInts()
                            .lanewise(LSHR, 8)
                            .sub(least)
                            .lanewise(ASHR, 31);
            IntVector upper =
                    first.rearrange(NEIGHBOURS)
                            .blend(second, ODD)
                            .reinterpretAsInts()
                            .lanewise(LSHR, 8)
                            .sub(least)
                            .lanewise(ASHR, 31);
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .mul(factor)
                    .reinterpretAsInts()
                    .lanewise(AND_NOT, lower)
                    .reinterpretAsFloats()
                    .intoArray(y, yo + i);
            FloatVector.fromArray(SPECIES, x, xo + i + WORDS / 2)
                    .mul(factor)
                    .reinterpretAsInts()
                    .lanewise(AND_NOT, upper)
                    .reinterpretAsFloats()
                    .intoArray(y, yo + i + WORDS / 2);
        }
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
