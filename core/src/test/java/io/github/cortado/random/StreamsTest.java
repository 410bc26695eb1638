package io.github.cortado.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StreamsTest {
    private static final long SEED = 0x0123456789abcdefL;

    @Test
    void theCounterLayoutIsTheDocumentedOne() {
        assertEquals(
                new PhiloxStream(SEED, 0x55667788, 0x11223344, 0),
                Streams.general(SEED, 0x1122334455667788L));
        assertEquals(
                new PhiloxStream(SEED, 0x55667788, 0x11223344, 0x01000003),
                Streams.dropout(SEED, 3, 0x1122334455667788L));
        assertEquals(
                new PhiloxStream(SEED, 49_999, 29, 0x02000004),
                Streams.augmentation(SEED, 29, 49_999, 4));
        assertEquals(new PhiloxStream(SEED, 0, 29, 0x03000000), Streams.shuffle(SEED, 29));
        assertEquals(new PhiloxStream(SEED, 8, 0, 0x04000000), Streams.initialisation(SEED, 8));
        assertEquals(new PhiloxStream(SEED, 8, 0, 0x05000000), Streams.drawing(SEED, 8));
    }

    @Test
    void noTwoPurposesOrOrdinalsShareAStream() {
        Set<PhiloxStream> seen = new HashSet<>();
        List<Integer> ordinals = List.of(0, 1, 2, Streams.MAX_ORDINAL);
        for (int a : ordinals) {
            assertTrue(seen.add(Streams.general(SEED, a)));
            assertTrue(seen.add(Streams.general(SEED, (a + 1L) << 32)));
            assertTrue(seen.add(Streams.shuffle(SEED, a)));
            assertTrue(seen.add(Streams.initialisation(SEED, a)));
            assertTrue(seen.add(Streams.drawing(SEED, a)));
            for (int b : ordinals) {
                assertTrue(seen.add(Streams.dropout(SEED, a, b)));
                assertTrue(seen.add(Streams.dropout(SEED, a, (b + 1L) << 32)));
                for (int c : ordinals) {
                    assertTrue(seen.add(Streams.augmentation(SEED, b, c, a)));
                }
            }
        }
    }

    @Test
    void numbersOutsideTheLayoutAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Streams.dropout(1, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> Streams.dropout(1, 1 << 24, 0));
        assertThrows(IllegalArgumentException.class, () -> Streams.dropout(1, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> Streams.augmentation(1, -1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> Streams.augmentation(1, 0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> Streams.augmentation(1, 0, 0, 1 << 24));
        assertThrows(IllegalArgumentException.class, () -> Streams.shuffle(1, -1));
        assertThrows(IllegalArgumentException.class, () -> Streams.initialisation(1, -1));
        assertThrows(IllegalArgumentException.class, () -> Streams.drawing(1, -1));
    }

    @Test
    void aDropoutMaskKeepsExactlyTheElementsWhoseNumberReachesP() {
        PhiloxStream stream = Streams.dropout(4, 2, 17);
        for (float p : new float[] {0f, 0.1f, 0.5f, 0.9f, 1f}) {
            float[] mask = new float[1003];
            stream.dropoutMask(p, 2f, 5, mask, 1, 1001);
            int kept = 0;
            for (int i = 0; i < 1001; i++) {
                assertEquals(stream.uniform(5 + i) >= p ? 2f : 0f, mask[1 + i]);
                kept += mask[1 + i] == 2f ? 1 : 0;
            }
            assertEquals(1001 * (1 - p), kept, 50);
            assertEquals(0f, mask[0] + mask[1002]);
        }
        assertThrows(
                IllegalArgumentException.class, () -> PhiloxStream.dropoutThreshold(Float.NaN));
        assertThrows(IllegalArgumentException.class, () -> PhiloxStream.dropoutThreshold(1.1f));
    }

    @Test
    void aShuffleIsAPermutationThatDependsOnSeedAndEpochAlone() {
        int[] order = Shuffle.permutation(1000, 1, 0);
        boolean[] seen = new boolean[1000];
        for (int i : order) {
            assertFalse(seen[i]);
            seen[i] = true;
        }
        assertArrayEquals(order, Shuffle.permutation(1000, 1, 0));
        assertFalse(Arrays.equals(order, Shuffle.permutation(1000, 1, 1)));
        assertFalse(Arrays.equals(order, Shuffle.permutation(1000, 2, 0)));
        assertEquals(0, Shuffle.permutation(0, 1, 0).length);
        assertThrows(IllegalArgumentException.class, () -> Shuffle.permutation(-1, 1, 0));
    }

    @Test
    void allOrdersOfThreeAreEquallyLikely() {
        int[] counts = new int[27];
        for (int epoch = 0; epoch < 60_000; epoch++) {
            int[] order = Shuffle.permutation(3, 8, epoch);
            counts[order[0] * 9 + order[1] * 3 + order[2]]++;
        }
        int orders = 0;
        for (int count : counts) {
            if (count > 0) {
                assertEquals(10_000, count, 400);
                orders++;
            }
        }
        assertEquals(6, orders);
    }
}
