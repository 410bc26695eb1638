package io.github.cortado.cuda;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.LeNet;
import io.github.cortado.nn.Tally;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Training steps of the reference network, dropout on, on the GPU: as the CPU makes them, and with
 * the same bits whether run as written or recorded.
 */
@Tag("gpu")
class LeNetStepTest {
    /** Relative, of losses and of all parameters together, where convolutions are sums. */
    private static final double TOLERANCE = 1e-4;

    /**
     * Where they are computed by transforms. Their rounding is 31 times as large (see {@link
     * Arithmetic}), so that now and then a window of a max-pooling has its maximum elsewhere. That
     * changes the gradient of a convolution by about a hundredth, and then as many of Adam's first
     * updates, each as long as the learning rate, have the other sign. A gradient that is missing
     * changes the parameters by three hundredths.
     */
    private static final double TRANSFORMED = 5e-3;

    /** Kernels that a step may consist of, where all are our own. */
    private static final int MOST_NODES = 21;

    private static final Pattern NODES = Pattern.compile("a CUDA graph of (\\d+) nodes");

    private static Device cuda;

    @BeforeAll
    static void open() {
        Emulation.backend();
        cuda = Device.cuda();
    }

    /** One training run: a fresh network, an optimizer, and the same pictures everywhere. */
    private static final class Run {
        final LeNet model;
        final Adam adam;
        final Tally tally = new Tally();
        final Tensor images;
        final Tensor labels;

        Run(Device device, int batch) {
            Seed.manualSeed(7);
            model = new LeNet();
            model.to(device);
            adam = new Adam(model.parameters(), 1e-3);
            float[] pixels = new float[batch * 3 * 32 * 32];
            Streams.general(1, 2).uniforms(0, -1, 1, pixels, 0, pixels.length);
            long[] classes = new long[batch];
            for (int i = 0; i < batch; i++) {
                classes[i] = (3L * i + 1) % 10;
            }
            images = Tensor.of(pixels, batch, 3, 32, 32).to(device);
            labels = Tensor.of(classes, batch).to(device);
        }

        Tensor step() {
            Tensor loss = crossEntropy(model.forward(images), labels, tally);
            adam.zeroGrad();
            loss.backward();
            adam.step();
            return loss;
        }

        float[] all() {
            List<float[]> parts = new ArrayList<>();
            model.parameters().forEach(p -> parts.add(p.toFloats()));
            int n = parts.stream().mapToInt(p -> p.length).sum();
            float[] all = new float[n];
            int at = 0;
            for (float[] p : parts) {
                System.arraycopy(p, 0, all, at, p.length);
                at += p.length;
            }
            return all;
        }
    }

    /** A batch of four, and one that fills no tile. */
    @ParameterizedTest
    @ValueSource(ints = {4, 3})
    void aStepIsWhatTheCpuMakesOfIt(int batch) {
        Run here = new Run(cuda, batch);
        Run there = new Run(Device.cpu(), batch);
        Choices choices = ((CudaBackend) Emulation.backend()).choices();
        choices.taken();
        double[] ratios = new double[3];
        Arrays.setAll(ratios, i -> here.step().item() / there.step().item());
        double tolerance =
                Arithmetic.of(choices.taken()) == Arithmetic.SUMS ? TOLERANCE : TRANSFORMED;
        for (double ratio : ratios) {
            assertEquals(1, ratio, tolerance);
        }
        assertClose(there.all(), here.all(), tolerance);
        assertEquals(there.tally.read().hits(), here.tally.read().hits());
        assertEquals(there.tally.read().count(), here.tally.read().count());
        assertEquals(1, here.tally.read().lossSum() / there.tally.read().lossSum(), tolerance);
    }

    /**
     * Adam's first steps are as long as the learning rate, so that is what differences count in.
     */
    private static void assertClose(float[] right, float[] found, double tolerance) {
        double squares = 0;
        double differences = 0;
        for (int i = 0; i < right.length; i++) {
            squares += (double) right[i] * right[i];
            differences += Math.pow((double) right[i] - found[i], 2);
        }
        double relative = Math.sqrt(differences / squares);
        assertTrue(relative < tolerance, "parameters differ by " + relative);
    }

    @Test
    void recordedStepsHaveTheBitsOfWrittenOnes() {
        Choices choices = ((CudaBackend) Emulation.backend()).choices();
        Run written = new Run(cuda, 4);
        Run recorded = new Run(cuda, 4);
        try (CompiledStep<Tensor> step = cuda.compile(recorded::step)) {
            for (int i = 0; i < 6; i++) {
                if (i == 4) {
                    // Between two replays: another rate, and a forward pass that draws a mask.
                    for (Run run : List.of(written, recorded)) {
                        run.adam.setLr(3e-4);
                        try (var pause = Autograd.noGrad()) {
                            run.model.forward(run.images);
                        }
                    }
                }
                // Read before the next backward pass, which releases it.
                float[] expected = written.step().toFloats();
                assertArrayEquals(expected, step.run().toFloats(), "loss of step " + i);
            }
            Matcher graph = NODES.matcher(step.description());
            assertTrue(graph.lookingAt(), () -> step.description());
            if (choices.libraries().cublas().isEmpty()) {
                int nodes = Integer.parseInt(graph.group(1));
                assertTrue(nodes <= MOST_NODES, () -> step.description());
            }
        }
        assertArrayEquals(written.all(), recorded.all());
        assertEquals(written.tally.read(), recorded.tally.read());
        assertArrayEquals(written.adam.stepCounts(), recorded.adam.stepCounts());
        assertEquals(written.model.counters(), recorded.model.counters());
    }
}
