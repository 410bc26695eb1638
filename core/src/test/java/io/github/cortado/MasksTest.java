package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.io.SafeTensors;
import io.github.cortado.nn.Functional;
import io.github.cortado.random.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class MasksTest {
    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void aMaskIsOfTypeBoolAndPrintsAsTrueAndFalse() {
        Tensor mask = Tensor.of(new float[] {1, -1, Float.NaN}).gt(0);
        assertEquals(DType.BOOL, mask.dtype());
        assertArrayEquals(new boolean[] {true, false, false}, mask.toBooleans());
        assertEquals(
                "tensor([true, false, false], shape=[3], dtype=bool, device=cpu)", mask.toString());
        assertEquals(1, mask.to(DType.FLOAT32).sum().item());
        assertArrayEquals(new byte[] {1, 0, 0}, mask.toBytes());
    }

    @Test
    void whateverIsNot0IsTrue() {
        Tensor x = Tensor.of(new float[] {0, -0f, 0.25f, -3, Float.NaN, 1e-45f});
        boolean[] expected = {false, false, true, true, true, true};
        assertArrayEquals(expected, x.to(DType.BOOL).toBooleans());
        assertArrayEquals(expected, x.toBooleans());
        assertTrue(x.any().toBooleans()[0]);
        assertFalse(x.all().toBooleans()[0]);
        assertArrayEquals(
                new boolean[] {true, false},
                Tensor.of(new long[] {1L << 40, 0}).to(DType.BOOL).toBooleans());
    }

    @Test
    void predictionsAreCountedAsInPyTorch() {
        Tensor scores = Tensor.of(new float[] {1, 2, 3, 0, 5, 4}, 3, 2);
        Tensor labels = Tensor.of(new long[] {1, 1, 0});
        assertEquals(2.0 / 3, scores.argmax(1).eq(labels).to(DType.FLOAT32).mean().item(), 1e-7);
    }

    @Test
    void wholeNumbersAreComparedExactlyWhateverTheirTypes() {
        Tensor a = Tensor.of(new long[] {16_777_217, -1});
        Tensor b = Tensor.of(new int[] {16_777_216, -1});
        assertArrayEquals(new boolean[] {true, false}, a.gt(b).toBooleans());
        assertArrayEquals(new boolean[] {false, true}, a.eq(b).toBooleans());
        assertArrayEquals(new boolean[] {true, false}, a.eq(16_777_217).toBooleans());
        assertArrayEquals(
                new boolean[] {false, true},
                Tensor.of(new byte[] {5, (byte) 200}).gt(Tensor.of(new long[] {7})).toBooleans());
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        Tensor f = Tensor.of(new float[] {1, 2});
        Tensor i = Tensor.of(new long[] {1, 2});
        refuses(
                "gt: one tensor [2] is float32 on cpu, another [2] is int64 on cpu; convert one"
                        + " with to(DType)",
                () -> f.gt(i));
        refuses("le: expected a whole number to compare int64 with, got 2.5", () -> i.le(2.5));
        refuses(
                "maskedFill: expects a mask as bool, as comparisons give it, got float32 [2]",
                () -> f.maskedFill(f, 1));
        assertThrows(ShapeException.class, () -> f.gt(Tensor.zeros(3)));
        String message =
                assertThrows(ShapeException.class, () -> f.maskedFill(Tensor.zeros(4, 2).gt(0), 1))
                        .getMessage();
        assertEquals("maskedFill: a mask [4, 2] does not stretch to [2]", message);
    }

    @Test
    void masksTravelInSafetensors(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("masks.safetensors");
        Tensor mask = Tensor.of(new boolean[] {true, false, true, true}, 2, 2);
        SafeTensors.save(file, Map.of("mask", mask));
        Tensor back = SafeTensors.load(file).get("mask");
        assertEquals(DType.BOOL, back.dtype());
        assertArrayEquals(mask.toBooleans(), back.toBooleans());
        assertEquals(mask.shape(), back.shape());
    }

    @Test
    void masksArePermutedCutAndJoinedAsOthersAre() {
        Tensor mask = Tensor.of(new boolean[] {true, false, false, true, true, false}, 2, 3);
        assertArrayEquals(
                new boolean[] {true, true, false, true, false, false},
                mask.transpose(0, 1).toBooleans());
        assertArrayEquals(
                new boolean[] {false, true}, mask.narrow(1, 1, 1).reshape(2).toBooleans());
        assertEquals(DType.BOOL, Tensor.cat(0, mask, mask).dtype());
        assertArrayEquals(mask.toBooleans(), mask.expand(2, 2, 3).narrow(0, 1, 1).toBooleans());
    }

    @Test
    void placesOfTruthsAreFoundRowByRow() {
        for (int[] sizes :
                new int[][] {{0}, {1}, {9_000}, {3, 5_000}, {40, 1_000}, {2, 0}, {7, 3, 5}}) {
            Tensor x = Tensor.zeros(sizes);
            List<long[]> expected = new ArrayList<>();
            float[] values = new float[x.size()];
            int[] strides = x.shape().strides();
            for (int i = 0; i < values.length; i++) {
                values[i] = i % 7 == 3 || i / 64 % 5 == 1 ? i + 1 : 0;
                long[] place = new long[sizes.length];
                for (int d = 0; d < sizes.length; d++) {
                    place[d] = i / strides[d] % sizes[d];
                }
                if (values[i] != 0) {
                    expected.add(place);
                }
            }
            Tensor found = Tensor.of(values, sizes).nonzero();
            assertEquals(Shape.of(expected.size(), sizes.length), found.shape());
            assertArrayEquals(
                    expected.stream().flatMapToLong(Arrays::stream).toArray(), found.toLongs());
        }
    }

    @Test
    void anyAndAllLookAtNumbersAsAtTruths() {
        Tensor x =
                Tensor.of(new float[] {0, -0f, Float.NaN, 1e-45f, 1, 1, 0, 0, 0, -3, 2, 0}, 4, 3);
        assertArrayEquals(new boolean[] {true, true, false, true}, x.any(false, 1).toBooleans());
        assertArrayEquals(new boolean[] {false, true, false, false}, x.all(false, 1).toBooleans());
        for (DType type : List.of(DType.INT64, DType.BOOL, DType.UINT8)) {
            Tensor y = Tensor.of(new long[] {0, 0, 2, 0, 1, 1}, 3, 2).to(type);
            assertArrayEquals(new boolean[] {false, true, true}, y.any(false, 1).toBooleans());
            assertArrayEquals(new boolean[] {false, false, true}, y.all(false, 1).toBooleans());
        }
        assertArrayEquals(new boolean[] {true}, Tensor.zeros(1, 0).all(false, 1).toBooleans());
        assertArrayEquals(new boolean[] {false}, Tensor.zeros(1, 0).any(false, 1).toBooleans());
    }

    @Test
    void oneHotRefusesWhatIsNoClass() {
        assertArrayEquals(
                new long[] {0, 0, 1, 1, 0, 0},
                Functional.oneHot(Tensor.of(new long[] {2, 0}), 3).toLongs());
        refuses(
                "scatterAdd: index 3 at position 1 is not from 0 to 2",
                () -> Functional.oneHot(Tensor.of(new long[] {2, 3}), 3));
    }

    @Test
    void anEquationThatIsNoneSaysWhy() {
        Tensor a = Tensor.zeros(2, 3);
        for (String[] wrong :
                new String[][] {
                    {"ij,jk->ik", "einsum: ij,jk->ik: it has 2 factors, 1 tensors were given"},
                    {"ii->i", "einsum: ii->i: 'i' stands twice in ii"},
                    {"i1->i", "einsum: i1->i: '1' is no letter"},
                    {"ijk->i", "einsum: ijk->i: factor ijk does not fit [2, 3]"},
                    {"ij->ik", "einsum: ij->ik: 'k' of the result is in no factor"},
                }) {
            String message =
                    assertThrows(ShapeException.class, () -> Tensor.einsum(wrong[0], a))
                            .getMessage();
            assertEquals(wrong[1], message);
        }
        String message =
                assertThrows(
                                ShapeException.class,
                                () -> Tensor.einsum("ij,ij->", a, a.permute(1, 0)))
                        .getMessage();
        assertEquals("einsum: ij,ij->: 'i' is both 2 and 3", message);
    }

    @Test
    void closeIsWithinBothTolerances() {
        Tensor a = Tensor.of(new float[] {1, 1000, Float.POSITIVE_INFINITY});
        assertTrue(a.allClose(Tensor.of(new float[] {1, 1000.005f, Float.POSITIVE_INFINITY})));
        assertFalse(a.allClose(Tensor.of(new float[] {1, 1000.05f, Float.POSITIVE_INFINITY})));
        assertFalse(a.allClose(Tensor.of(new float[] {1, 1000, Float.NEGATIVE_INFINITY})));
        assertFalse(a.allClose(Tensor.of(new float[] {1, 1000, 3e38f})));
        Tensor nan = Tensor.of(new float[] {Float.NaN});
        assertFalse(nan.allClose(nan));
    }

    @Test
    void randomTensorsComeFromTheSeedAndDiffer() {
        Seed.manualSeed(5);
        Tensor a = Tensor.rand(1000);
        Tensor b = Tensor.rand(1000);
        Tensor n = Tensor.randn(10_000);
        Tensor i = Tensor.randint(-3, 4, 7000);
        Tensor p = Tensor.randperm(100);
        Seed.manualSeed(5);
        assertArrayEquals(a.toFloats(), Tensor.rand(1000).toFloats());
        assertFalse(Arrays.equals(a.toFloats(), b.toFloats()));
        assertEquals(0.5, a.mean().item(), 0.05);
        assertTrue(a.min(0, false).values().item() >= 0 && a.max(0, false).values().item() < 1);
        assertEquals(0, n.mean().item(), 0.05);
        assertEquals(1, n.std().item(), 0.05);
        long[] counts = new long[7];
        for (long v : i.toLongs()) {
            counts[(int) v + 3]++;
        }
        for (long count : counts) {
            assertEquals(1000, count, 150);
        }
        long[] sorted = p.toLongs();
        assertFalse(Arrays.equals(Tensor.arange(100).toLongs(), sorted));
        Arrays.sort(sorted);
        assertArrayEquals(Tensor.arange(100).toLongs(), sorted);
        refuses("randint: expected a range, got 3 to below 3", () -> Tensor.randint(3, 3, 2));
    }

    @Test
    void indicesOfAnotherShapeAreRefused() {
        Tensor x = Tensor.zeros(3, 4);
        String message =
                assertThrows(ShapeException.class, () -> x.gather(1, Tensor.of(new long[] {1, 2})))
                        .getMessage();
        assertEquals("gather: expects an index with 2 dimensions, as [3, 4] has, got [2]", message);
        refuses(
                "gather: index 4 at position 0 is not from 0 to 3",
                () -> x.gather(1, Tensor.of(new long[] {4}, 1, 1)));
        assertEquals(
                "topk: 5 elements are not in dimension 1 of [3, 4]",
                assertThrows(ShapeException.class, () -> x.topk(5, 1)).getMessage());
    }
}
