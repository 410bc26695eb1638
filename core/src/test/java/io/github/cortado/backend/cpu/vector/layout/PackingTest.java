package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class PackingTest {
    private static final int[] PANELS = {8, VL, 2 * VL, 3 * VL, 4 * VL, 3, 10, 24};

    private final SplittableRandom random = new SplittableRandom(7);

    /** A block that ends where its array ends, and the panel that it becomes, between ones. */
    private record Block(float[] from, int at, int ld, int depth, int width, int panel) {
        private static final int BEFORE = 5;

        float[] target() {
            float[] to = new float[BEFORE + depth * panel + VL];
            Arrays.fill(to, 1f);
            return to;
        }

        float[] expected(int stepOfK, int stepOfPanel) {
            float[] to = target();
            for (int p = 0; p < depth; p++) {
                for (int j = 0; j < panel; j++) {
                    to[BEFORE + p * panel + j] =
                            j < width ? from[at + p * stepOfK + j * stepOfPanel] : 0f;
                }
            }
            return to;
        }
    }

    @Test
    void rowsLieTogetherAndZerosFillUpTheRest() {
        for (int panel : Arrays.copyOf(PANELS, 5)) {
            for (int width = 1; width <= panel; width++) {
                for (int depth = 1; depth <= 19; depth++) {
                    Block block = block(depth, width, depth, width, panel);
                    float[] to = block.target();
                    Packing.rows(
                            block.from, block.at, block.ld, depth, width, to, Block.BEFORE, panel);
                    assertArrayEquals(
                            block.expected(block.ld, 1),
                            to,
                            () -> block.depth + " by " + block.width + " for " + block.panel);
                }
            }
        }
    }

    @Test
    void columnsAreTurnedAndZerosFillUpTheRest() {
        for (int panel : PANELS) {
            for (int width = 1; width <= panel; width++) {
                for (int depth = 1; depth <= 35; depth++) {
                    Block block = block(width, depth, depth, width, panel);
                    float[] to = block.target();
                    Packing.columns(
                            block.from, block.at, block.ld, depth, width, to, Block.BEFORE, panel);
                    assertArrayEquals(
                            block.expected(1, block.ld),
                            to,
                            () -> block.depth + " by " + block.width + " for " + block.panel);
                }
            }
        }
    }

    /** A block that is so many rows of some values of a matrix, which may have more. */
    private Block block(int rows, int values, int depth, int width, int panel) {
        int at = random.nextInt(4);
        int ld = values + random.nextInt(3);
        float[] from = new float[at + (rows - 1) * ld + values];
        for (int i = 0; i < from.length; i++) {
            from[i] = (float) random.nextDouble();
        }
        return new Block(from, at, ld, depth, width, panel);
    }
}
