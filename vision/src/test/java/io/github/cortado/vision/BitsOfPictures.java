package io.github.cortado.vision;

import io.github.cortado.Threads;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A program that prints a line for each batch of transformed pictures, with a checksum of its bits.
 * Every repetition, with 1, 2 or 7 threads, must give the same lines, or it fails.
 */
public final class BitsOfPictures {
    private static final int[] THREADS = {2, 1, 7};

    private BitsOfPictures() {}

    /** Arguments: how often to repeat everything, and with how many pictures. */
    public static void main(String[] args) {
        int repetitions = Integer.parseInt(args[0]);
        Dataset shapes = SyntheticShapes.train(Integer.parseInt(args[1]), 1);
        List<String> first = lines(0, shapes);
        first.forEach(System.out::println);
        for (int i = 1; i < repetitions; i++) {
            List<String> lines = lines(i, shapes);
            if (!lines.equals(first)) {
                System.out.println("repetition " + i + ": " + lines + " was " + first);
                System.exit(1);
            }
        }
    }

    private static List<String> lines(int repetition, Dataset shapes) {
        Threads.setCount(THREADS[repetition % THREADS.length]);
        List<String> lines = new ArrayList<>();
        for (Batch batch :
                new DataLoader(shapes, ReferenceTransforms.TRAINING)
                        .batchSize(10)
                        .shuffle(true)
                        .epoch(2)) {
            CRC32 sum = new CRC32();
            for (float f : batch.images().toFloats()) {
                int bits = Float.floatToIntBits(f);
                for (int shift = 0; shift < 32; shift += 8) {
                    sum.update(bits >>> shift & 0xFF);
                }
            }
            lines.add(Long.toHexString(sum.getValue()) + " pictures " + batch.size());
        }
        return lines;
    }
}
