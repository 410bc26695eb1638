package io.github.cortado.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000,"
                + " 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff,"
                + " 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0,"
                + " d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void answersThePublishedVectors(String counter, String key, String expected) {
        int[] c = words(counter);
        int[] k = words(key);
        int[] out = new int[4];
        Philox.block(c[0], c[1], c[2], c[3], k[0], k[1], out, 0);
        assertArrayEquals(words(expected), out);
        for (int lane = 0; lane < 4; lane++) {
            assertEquals(out[lane], Philox.word(c[0], c[1], c[2], c[3], k[0], k[1], lane));
        }
    }

    private static int[] words(String hex) {
        String[] parts = hex.trim().split(" ");
        int[] words = new int[parts.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = Integer.parseUnsignedInt(parts[i], 16);
        }
        return words;
    }

    @Test
    void aStreamAnswersThePublishedVectorForItsCounter() {
        PhiloxStream stream =
                new PhiloxStream(0x299f31d0a4093822L, 0x85a308d3, 0x13198a2e, 0x03707344);
        long first = 4 * 0x243f6a88L;
        int[] out = new int[4];
        stream.words(first, out, 0, 4);
        assertArrayEquals(words("d16cfe09 94fdcceb 5001e420 24126ea1"), out);
    }

    @Test
    void wordsAgreeWithSingleWordsFromAnyStartAndLength() {
        PhiloxStream stream = Streams.general(42, 7);
        for (int first = 0; first < 6; first++) {
            for (int length = 0; length < 14; length++) {
                int[] out = new int[length + 2];
                stream.words(first, out, 1, length);
                for (int i = 0; i < length; i++) {
                    assertEquals(stream.word(first + i), out[i + 1]);
                }
                assertEquals(0, out[0]);
                assertEquals(0, out[length + 1]);
            }
        }
    }

    @Test
    void theGeneratorDrawsTheStreamInOrderAndFromAnyPosition() {
        PhiloxStream stream = Streams.general(-3, 1L << 40);
        PhiloxGenerator generator = stream.generator();
        for (int i = 0; i < 11; i++) {
            assertEquals(stream.word(i), generator.word());
        }
        assertEquals(11, generator.position());
        generator.position(6);
        assertEquals(stream.word(6), generator.word());
        assertEquals(stream.word(7), generator.word());
        assertEquals(stream.word(8), generator.word());
    }

    @Test
    void theGeneratorRefusesToRepeatItself() {
        PhiloxStream stream = Streams.general(1, 0);
        PhiloxGenerator generator = stream.generator();
        generator.position(PhiloxStream.LENGTH - 1);
        assertEquals(stream.word(PhiloxStream.LENGTH - 1), generator.word());
        assertThrows(IllegalStateException.class, generator::word);
        assertThrows(IndexOutOfBoundsException.class, () -> stream.word(PhiloxStream.LENGTH));
    }

    @Test
    void uniformNumbersStayBelowOneAndAreMultiplesOfTwoToTheMinus24() {
        assertEquals(0f, Philox.uniform(0));
        assertEquals(0f, Philox.uniform(255));
        assertEquals(0x1p-24f, Philox.uniform(256));
        assertEquals(1f - 0x1p-24f, Philox.uniform(-1));
    }

    @Test
    void uniformsFillTheIntervalEvenly() {
        float[] u = new float[100_003];
        Streams.initialisation(5, 0).uniforms(1, -2f, 3f, u, 0, u.length);
        SummaryStatistics s = new SummaryStatistics();
        for (float x : u) {
            s.addValue(x);
        }
        assertTrue(s.getMin() >= -2 && s.getMax() < 3);
        assertEquals(0.5, s.getMean(), 0.02);
        assertEquals(25.0 / 12, s.getVariance(), 0.03);
    }

    @Test
    void commonsMathDrawsItsDistributionsFromIt() {
        NormalDistribution normal =
                new NormalDistribution(Streams.general(9, 9).generator(), 1.5, 2.0);
        SummaryStatistics s = new SummaryStatistics();
        for (double x : normal.sample(50_000)) {
            s.addValue(x);
        }
        assertEquals(1.5, s.getMean(), 0.04);
        assertEquals(2.0, s.getStandardDeviation(), 0.03);
    }

    @Test
    void seedingAgainStartsAgainAndDropsTheCachedGaussian() {
        PhiloxGenerator a = new PhiloxGenerator(12);
        double first = a.nextGaussian();
        a.setSeed(12L);
        assertEquals(first, a.nextGaussian());
        a.setSeed(new int[] {12, 0});
        assertEquals(first, a.nextGaussian());
        a.setSeed(13);
        assertNotEquals(first, a.nextGaussian());
    }

    @Test
    void boundedIntegersAreEvenAndInRange() {
        PhiloxGenerator draws = new PhiloxGenerator(77);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[draws.bounded(7)]++;
        }
        for (int count : counts) {
            assertEquals(10_000, count, 400);
        }
        assertThrows(IllegalArgumentException.class, () -> draws.bounded(0));
    }

    @Test
    void boundedIntegersRejectTheWordsThatWouldFavourSome() {
        // With n = 3 * 2^29 a quarter of all words is rejected; without that, results divisible by
        // three would come twice as often as the others.
        PhiloxGenerator draws = new PhiloxGenerator(3);
        int n = 3 << 29;
        int divisible = 0;
        for (int i = 0; i < 30_000; i++) {
            int x = draws.bounded(n);
            assertTrue(x >= 0 && x < n);
            divisible += x % 3 == 0 ? 1 : 0;
        }
        assertEquals(10_000, divisible, 400);
    }
}
