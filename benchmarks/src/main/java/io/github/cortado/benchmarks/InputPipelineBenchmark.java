package io.github.cortado.benchmarks;

import io.github.cortado.data.ColorJitter;
import io.github.cortado.data.Compose;
import io.github.cortado.data.Draws;
import io.github.cortado.data.Image;
import io.github.cortado.data.Normalize;
import io.github.cortado.data.RandomAffine;
import io.github.cortado.data.RandomHorizontalFlip;
import io.github.cortado.data.RandomRotation;
import io.github.cortado.data.Resize;
import io.github.cortado.data.ToTensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The transforms of the reference program on drawn 32 x 32 pictures, one thread; the figure is
 * microseconds a picture. Without a device: pictures are transformed on the CPU.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = DeviceBenchmark.VECTOR_FLAG)
public class InputPipelineBenchmark {
    private static final int PICTURES = 1000;

    private final Compose training =
            Compose.of(
                    new Resize(LeNet.SIDE, LeNet.SIDE),
                    new RandomHorizontalFlip(),
                    new RandomRotation(10),
                    new RandomAffine(0).shear(10).scale(0.8, 1.2),
                    new ColorJitter(0.2, 0.2, 0.2),
                    new ToTensor(),
                    new Normalize(0.5, 0.5));
    private final Compose validation =
            Compose.of(new Resize(LeNet.SIDE, LeNet.SIDE), new ToTensor(), new Normalize(0.5, 0.5));
    private final byte[][] stored = drawn();
    private final Image picture = new Image(LeNet.SIDE, LeNet.SIDE);
    private final Image spare = new Image(LeNet.SIDE, LeNet.SIDE);
    private final Draws draws = new Draws(0);
    private final float[] out = new float[picture.length()];
    private int next;

    /** Shaded pictures with some noise: the colour transforms see more than one value. */
    private static byte[][] drawn() {
        SplittableRandom random = new SplittableRandom(0);
        byte[][] pictures = new byte[PICTURES][3 * LeNet.SIDE * LeNet.SIDE];
        for (byte[] p : pictures) {
            int base = random.nextInt(128);
            for (int i = 0; i < p.length; i++) {
                p[i] = (byte) (base + 3 * (i % LeNet.SIDE) + random.nextInt(32));
            }
        }
        return pictures;
    }

    /** All seven training transforms. */
    @Benchmark
    public float[] training() {
        return transform(training);
    }

    /** Resize, ToTensor and Normalize. */
    @Benchmark
    public float[] validation() {
        return transform(validation);
    }

    private float[] transform(Compose transforms) {
        // Other draws in every pass, as in every epoch.
        int pass = next / PICTURES;
        int i = next % PICTURES;
        next = next == PICTURES * 1000 - 1 ? 0 : next + 1;
        picture.set(stored[i], 0, LeNet.SIDE, LeNet.SIDE);
        Image result = transforms.picture(picture, spare, draws.at(pass, i));
        transforms.toFloats(result, out, 0);
        return out;
    }
}
