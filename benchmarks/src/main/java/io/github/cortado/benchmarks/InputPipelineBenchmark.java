package io.github.cortado.benchmarks;

import io.github.cortado.data.Image;
import io.github.cortado.models.LeNet;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Draws;
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

    private final ReferencePictures pictures = new ReferencePictures(PICTURES);
    private final Image picture = new Image(LeNet.SIDE, LeNet.SIDE);
    private final Image spare = new Image(LeNet.SIDE, LeNet.SIDE);
    private final Draws draws = new Draws(0);
    private final float[] out = new float[picture.length()];
    private int next;

    /** All seven training transforms. */
    @Benchmark
    public float[] training() {
        return transform(ReferencePictures.TRAINING);
    }

    /** Resize, ToTensor and Normalize. */
    @Benchmark
    public float[] validation() {
        return transform(ReferencePictures.VALIDATION);
    }

    private float[] transform(Compose transforms) {
        // Other draws in every pass, as in every epoch.
        int pass = next / PICTURES;
        int i = next % PICTURES;
        next = next == PICTURES * 1000 - 1 ? 0 : next + 1;
        pictures.read(i, picture);
        Image result = transforms.picture(picture, spare, draws.at(pass, i));
        transforms.toFloats(result, out, 0);
        return out;
    }
}
