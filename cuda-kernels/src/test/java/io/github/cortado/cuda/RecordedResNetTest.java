package io.github.cortado.cuda;

import static io.github.cortado.nn.Functional.avgPool2d;
import static io.github.cortado.nn.Functional.crossEntropy;
import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Identity;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Training steps of a residual network (He et al., arXiv 1512.03385) with batch normalisation:
 * recorded ones have the bits of those that run as written, and count as many batches.
 */
@Tag("gpu")
class RecordedResNetTest {
    private static final int BATCH = 4;
    private static final int SIZE = 8;
    private static final int STEPS = 7;
    private static final int CLASSES = 5;

    private static Device cuda;

    @BeforeAll
    static void open() {
        Emulation.backend();
        cuda = Device.cuda();
    }

    private static Conv2d conv(int in, int out, int kernel, int stride) {
        return new Conv2d(in, out, kernel).stride(stride).padding(kernel / 2).withoutBias();
    }

    /** relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)). */
    private static final class BasicBlock extends Layer {
        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Layer shortcut;

        BasicBlock(int in, int out, int stride) {
            conv1 = add("conv1", conv(in, out, 3, stride));
            bn1 = add("bn1", new BatchNorm2d(out));
            conv2 = add("conv2", conv(out, out, 3, 1));
            bn2 = add("bn2", new BatchNorm2d(out));
            shortcut =
                    add(
                            "shortcut",
                            in == out && stride == 1
                                    ? new Identity()
                                    : new Sequential(
                                            conv(in, out, 1, stride), new BatchNorm2d(out)));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = relu(bn1.forward(conv1.forward(x)));
            return relu(bn2.forward(conv2.forward(y)).add(shortcut.forward(x)));
        }
    }

    /** ResNet-18 in small: two blocks, one of them with a stride. */
    private static final class ResNet extends Layer {
        private final Conv2d conv1 = add("conv1", conv(3, 8, 3, 1));
        private final BatchNorm2d bn1 = add("bn1", new BatchNorm2d(8));
        private final BasicBlock layer1 = add("layer1", new BasicBlock(8, 8, 1));
        private final BasicBlock layer2 = add("layer2", new BasicBlock(8, 16, 2));
        private final Linear fc = add("fc", new Linear(16, CLASSES));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = maxPool2d(relu(bn1.forward(conv1.forward(x))), 3, 2, 1);
            y = layer2.forward(layer1.forward(y));
            return fc.forward(avgPool2d(y, SIZE / 4).flatten(1));
        }
    }

    private static final class Run {
        final Layer model;
        final Optimizer optimizer;
        final Tensor images;
        final Tensor labels;

        Run(Function<Layer, Optimizer> optimizer) {
            Seed.manualSeed(3);
            model = new ResNet().to(cuda);
            this.optimizer = optimizer.apply(model);
            float[] pixels = new float[BATCH * 3 * SIZE * SIZE];
            Streams.general(5, 6).uniforms(0, -1, 1, pixels, 0, pixels.length);
            long[] classes = {1, 4, 0, 2};
            images = Tensor.of(pixels, BATCH, 3, SIZE, SIZE).to(cuda);
            labels = Tensor.of(classes, BATCH).to(cuda);
        }

        Tensor step() {
            Tensor loss = crossEntropy(model.forward(images), labels);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss;
        }

        Map<String, double[]> state() {
            Map<String, double[]> state = new LinkedHashMap<>();
            model.stateDict().forEach((name, t) -> state.put(name, t.toDoubles()));
            return state;
        }
    }

    private static void compare(Run written, Run recorded, long batches) {
        Map<String, double[]> found = recorded.state();
        written.state().forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
        for (String name : List.of("bn1", "layer1.bn1", "layer1.bn2", "layer2.shortcut.1")) {
            double[] counted = found.get(name + ".num_batches_tracked");
            assertArrayEquals(new double[] {batches}, counted, name);
        }
    }

    private static void check(Function<Layer, Optimizer> optimizer) {
        Run written = new Run(optimizer);
        Run recorded = new Run(optimizer);
        try (CompiledStep<Tensor> step = cuda.compile(recorded::step)) {
            for (int i = 0; i < STEPS; i++) {
                float[] expected = written.step().toFloats();
                assertArrayEquals(expected, step.run().toFloats(), "loss of step " + i);
                compare(written, recorded, i + 1);
            }
            assertTrue(step.description().startsWith("a CUDA graph of "), () -> step.description());
        }
    }

    @Test
    void recordedStepsHaveTheBitsOfWrittenOnesWithMomentum() {
        check(model -> new SGD(model.parameters(), 0.05).momentum(0.9).weightDecay(1e-4));
    }

    @Test
    void recordedStepsHaveTheBitsOfWrittenOnesWithAdam() {
        check(model -> new Adam(model.parameters(), 1e-2));
    }

    @Test
    void aCountThatIsLoadedBetweenReplaysIsContinuedFrom() {
        Run run = new Run(model -> new SGD(model.parameters(), 0.01));
        Tensor count = run.model.stateDict().get("bn1.num_batches_tracked");
        Map<String, Tensor> loaded = new LinkedHashMap<>();
        run.model.stateDict().forEach((name, t) -> loaded.put(name, t.copy().keep()));
        loaded.put("bn1.num_batches_tracked", Tensor.scalar(1L << 40));
        try (CompiledStep<Tensor> step = cuda.compile(run::step)) {
            for (int i = 0; i < 5; i++) {
                step.run();
            }
            run.model.loadStateDict(loaded);
            for (int i = 0; i < 3; i++) {
                step.run();
            }
            step.runEagerly();
        }
        assertEquals(DType.INT64, count.dtype());
        assertArrayEquals(new long[] {(1L << 40) + 4}, count.toLongs());
    }
}
