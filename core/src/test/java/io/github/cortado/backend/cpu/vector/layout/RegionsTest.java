package io.github.cortado.backend.cpu.vector.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegionsTest {
    private final ScalarBackend reference = new ScalarBackend();
    private final Regions room = new Regions();
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    /** A region of a contiguous tensor: permuted, cut out of, and for gathering repeated. */
    private record Region(Strided strided, int length) {
        static Region random(SplittableRandom random, boolean repeats) {
            int rank = random.nextInt(6);
            int[] whole = new int[rank];
            int[] strides = new int[rank];
            int length = 1;
            for (int d = rank - 1; d >= 0; d--) {
                whole[d] = 1 + random.nextInt(rank < 3 ? 150 : 12);
                strides[d] = length;
                length *= whole[d];
            }
            int[] shape = new int[rank];
            int[] steps = new int[rank];
            int offset = 0;
            int[] order = permutation(random, rank);
            for (int d = 0; d < rank; d++) {
                int from = order[d];
                boolean all = random.nextInt(3) > 0;
                shape[d] = all ? whole[from] : random.nextInt(whole[from] + 1);
                offset += all ? 0 : random.nextInt(whole[from] - shape[d] + 1) * strides[from];
                steps[d] = repeats && random.nextInt(5) == 0 ? 0 : strides[from];
            }
            return new Region(new Strided(shape, steps, offset), length);
        }

        private static int[] permutation(SplittableRandom random, int rank) {
            int[] order = new int[rank];
            for (int d = 0; d < rank; d++) {
                int other = random.nextInt(d + 1);
                order[d] = order[other];
                order[other] = d;
            }
            return order;
        }
    }

    private static HostBuffer.Floats random(int length, int seed) {
        return new HostBuffer.Floats(RandomValues.random(length + 3, seed)).slice(3, length);
    }

    @Test
    void anyRegionIsCopiedAsTheReferenceDoes() {
        SplittableRandom random = new SplittableRandom(5);
        int transposed = 0;
        for (int i = 0; i < 600; i++) {
            Parallel.setThreads(i % 3 + 1);
            Region from = Region.random(random, true);
            HostBuffer.Floats x = random(from.length, i);
            HostBuffer.Floats y = random(from.strided.size(), i + 1);
            HostBuffer.Floats expected = random(from.strided.size(), i + 1);
            room.gather(x, y, from.strided);
            reference.gather(x, expected, from.strided);
            assertArrayEquals(expected.array(), y.array(), "gather " + words(from));
            Region to = Region.random(random, false);
            HostBuffer.Floats dense = random(to.strided.size(), i);
            HostBuffer.Floats into = random(to.length, i + 2);
            HostBuffer.Floats right = random(to.length, i + 2);
            room.scatter(dense, into, to.strided);
            reference.scatter(dense, right, to.strided);
            assertArrayEquals(right.array(), into.array(), "scatter " + words(to));
            int[] strides = to.strided.strides();
            transposed += strides.length > 1 && strides[strides.length - 1] > 1 ? 1 : 0;
        }
        assertTrue(transposed > 200, "transposed " + transposed);
    }

    private static String words(Region region) {
        return Arrays.toString(region.strided.shape())
                + " by "
                + Arrays.toString(region.strided.strides())
                + " from "
                + region.strided.offset();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsCopiedWhole(DType dtype) {
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < 200; i++) {
            Region from = Region.random(random, true);
            HostBuffer x = HostBuffer.allocate(dtype, from.length);
            HostBuffer y = HostBuffer.allocate(dtype, from.strided.size());
            HostBuffer right = HostBuffer.allocate(dtype, from.strided.size());
            number(x);
            room.gather(x, y, from.strided);
            reference.gather(x, right, from.strided);
            assertEquals(text(right), text(y), "gather " + words(from));
            Region to = Region.random(random, false);
            HostBuffer dense = HostBuffer.allocate(dtype, to.strided.size());
            HostBuffer into = HostBuffer.allocate(dtype, to.length);
            HostBuffer expected = HostBuffer.allocate(dtype, to.length);
            number(dense);
            room.scatter(dense, into, to.strided);
            reference.scatter(dense, expected, to.strided);
            assertEquals(text(expected), text(into), "scatter " + words(to));
        }
    }

    /** Numbers of which every bit counts. */
    private static void number(HostBuffer x) {
        for (int i = 0; i < x.length(); i++) {
            if (x.dtype() == DType.INT64) {
                x.setLong(i, (1L << 60) + i);
            } else {
                x.set(i, i + 1);
            }
        }
    }

    private static String text(HostBuffer x) {
        return Arrays.deepToString(new Object[] {x.array()});
    }
}
