package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The transforms in core's loader. */
@Timeout(60)
class LoadedTransformsTest {
    private static final Dataset SHAPES = SyntheticShapes.train(120, 0);

    @Test
    void anyNumberOfWorkersMakesTheSameBatchesFromAnyEpochOn() {
        DataLoader loader =
                new DataLoader(SHAPES, ReferenceTransforms.TRAINING)
                        .batchSize(16)
                        .shuffle(true)
                        .seed(9);
        List<float[]> alone = new ArrayList<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            for (Batch batch : loader.epoch(epoch)) {
                alone.add(batch.images().toFloats());
            }
        }
        for (int workers : new int[] {1, 2, 7}) {
            int i = loader.batches();
            for (int epoch = 1; epoch < 3; epoch++) {
                for (Batch batch : loader.workers(workers).epoch(epoch)) {
                    assertArrayEquals(alone.get(i++), batch.images().toFloats());
                }
            }
            assertEquals(alone.size(), i);
        }
    }

    @Test
    void picturesOfDifferentSizesFitOneBatchOnceTheyAreResized() {
        Dataset uneven =
                new Dataset() {
                    @Override
                    public int size() {
                        return 4;
                    }

                    @Override
                    public List<String> classNames() {
                        return List.of("only");
                    }

                    @Override
                    public int label(int index) {
                        return 0;
                    }

                    @Override
                    public void read(int index, Image into) {
                        into.reshape(2 + index / 2, 3);
                    }
                };
        Compose resized = Compose.of(new Resize(2, 2), new ToTensor());
        assertEquals(4, new DataLoader(uneven, resized).batchSize(4).epoch(0).next().size());
    }

    @Test
    void aRowWithoutToTensorIsRefusedNamingWhatIsMissing() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new DataLoader(SHAPES, Compose.of(new Resize(2, 2))))
                        .getMessage();
        assertTrue(message.contains("add ToTensor"), message);
        assertTrue(message.contains("Resize"), message);
    }
}
