package io.github.cortado.vision;

import com.sun.management.ThreadMXBean;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * A program that transforms pictures until it makes no more garbage than their batches, or {@code
 * SECONDS} are over, and prints the bytes that a picture took last.
 */
public final class TransformGarbage {
    private static final int PICTURES = 2000;

    /** Not before that are the methods around the loops compiled, with what they inline. */
    private static final int FEWEST_ROUNDS = 20;

    private TransformGarbage() {}

    /** Arguments: the bytes a picture that are enough, and the seconds. */
    public static void main(String[] args) {
        double limit = Double.parseDouble(args[0]);
        long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
        ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Dataset pictures = SyntheticShapes.train(PICTURES, 1);
        DataLoader plain =
                new DataLoader(pictures, Compose.of(new ToTensor(), new Normalize(0.5, 0.5)));
        DataLoader augmented = new DataLoader(pictures, ReferenceTransforms.TRAINING);
        int round = 0;
        long bytes;
        do {
            long before = bean.getCurrentThreadAllocatedBytes();
            for (DataLoader loader : List.of(plain, augmented)) {
                for (Batch batch : loader.batchSize(100).shuffle(true).epoch(0)) {
                    if (batch.size() != 100) {
                        throw new AssertionError(batch.size());
                    }
                }
            }
            bytes = (bean.getCurrentThreadAllocatedBytes() - before) / (2 * PICTURES);
            round++;
        } while ((round < FEWEST_ROUNDS || bytes > limit) && System.nanoTime() < end);
        System.out.println(bytes);
    }
}
