package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A recorded evaluation of a network that is trained meanwhile: what is folded into weights, and
 * kept of them, follows.
 */
@Tag("gpu")
class RecordedInferenceTest {
    /** Runs after which a step is a graph. */
    private static final int RECORDED = 5;

    private static Device cuda;

    @BeforeAll
    static void open() {
        Emulation.backend();
        cuda = Device.cuda();
    }

    @Test
    void followsTheTrainingBetweenItsRuns() {
        Seed.manualSeed(3);
        Layer model =
                new Sequential(
                        new Conv2d(2, 8, 3).padding(1),
                        new BatchNorm2d(8),
                        new ReLU(),
                        new Flatten(),
                        new Linear(8 * 36, 5));
        model.to(cuda);
        SGD sgd = new SGD(model.parameters(), 0.1).momentum(0.9);
        float[] pixels = new float[4 * 2 * 36];
        Streams.general(1, 2).uniforms(0, -1, 1, pixels, 0, pixels.length);
        Tensor pictures = Tensor.of(pixels, 4, 2, 6, 6).to(cuda);
        // The first step puts parameters side by side.
        train(model, sgd, pictures);
        try (CompiledStep<Tensor> evaluation = cuda.compile(() -> evaluate(model, pictures))) {
            for (int i = 0; i < RECORDED; i++) {
                evaluation.run();
            }
            String description = evaluation.description();
            assertTrue(description.startsWith("a CUDA graph of "), description);
            float[] before = evaluation.run().toFloats();
            for (int i = 0; i < 3; i++) {
                train(model, sgd, pictures);
                float[] expected = evaluate(model, pictures).toFloats();
                float[] found = evaluation.run().toFloats();
                assertArrayEquals(expected, found, "after " + (i + 1) + " steps of training");
                assertFalse(Arrays.equals(before, found), "training changed nothing");
                before = found;
            }
        }
    }

    private static void train(Layer model, SGD sgd, Tensor pictures) {
        model.train();
        sgd.zeroGrad();
        model.forward(pictures).sum().backward();
        sgd.step();
    }

    private static Tensor evaluate(Layer model, Tensor pictures) {
        model.eval();
        try (var pause = Autograd.noGrad()) {
            return model.forward(pictures);
        }
    }
}
