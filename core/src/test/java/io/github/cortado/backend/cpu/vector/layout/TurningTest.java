package io.github.cortado.backend.cpu.vector.layout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class TurningTest {
    private final SplittableRandom random = new SplittableRandom(11);

    /** Whole vectors and what is left, more elements than one block has, fewer rows than 16. */
    @Test
    void rowsBecomeColumnsAtTheirPlacesAndNothingElseChanges() {
        for (int rows : new int[] {1, 15, 16, 33, 64}) {
            for (int length : new int[] {1, 4, 15, 16, 49, 300, 512}) {
                int ld = length + 3;
                float[] from = new float[5 + (rows - 1) * ld + length];
                for (int i = 0; i < from.length; i++) {
                    from[i] = (float) random.nextDouble();
                }
                int[] place = new int[length];
                Arrays.setAll(place, p -> (length - 1 - p) * (rows + 2));
                float[] expected = new float[7 + length * (rows + 2)];
                Arrays.fill(expected, -1f);
                float[] to = expected.clone();
                for (int p = 0; p < length; p++) {
                    for (int j = 0; j < rows; j++) {
                        expected[7 + place[p] + j] = from[5 + j * ld + p];
                    }
                }
                Turning.run(from, 5, ld, rows, length, to, 7, place);
                assertArrayEquals(expected, to, rows + " rows of " + length);
            }
        }
    }
}
