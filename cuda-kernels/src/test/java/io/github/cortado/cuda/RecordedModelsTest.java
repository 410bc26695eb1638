package io.github.cortado.cuda;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.models.GPT;
import io.github.cortado.models.LstmClassifier;
import io.github.cortado.models.MobileNetV2;
import io.github.cortado.models.PictureSize;
import io.github.cortado.models.ResNet;
import io.github.cortado.models.UNet;
import io.github.cortado.models.VGG;
import io.github.cortado.models.VisionTransformer;
import io.github.cortado.nn.Layer;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.random.Seed;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training steps of models, dropout included: recorded ones have the bits of written ones. */
class RecordedModelsTest {
    private static final int CLASSES = 5;
    private static final int STEPS = 4;

    /** Small ones, what they are given, and what they are asked for. */
    enum Model {
        RESNET(
                () ->
                        new ResNet(
                                new ResNet.Sizes(ResNet.Kind.BASIC, List.of(1, 1, 1, 1), 4),
                                PictureSize.CIFAR,
                                CLASSES),
                Shape.of(2, 3, 8, 8),
                Shape.of(2)),
        VGG(
                () -> new VGG(List.of(List.of(4), List.of(6)), 8, PictureSize.IMAGENET, CLASSES),
                Shape.of(2, 3, 8, 8),
                Shape.of(2)),
        MOBILENET(
                () -> new MobileNetV2(0.1, PictureSize.CIFAR, CLASSES),
                Shape.of(2, 3, 8, 8),
                Shape.of(2)),
        VIT(
                () ->
                        new VisionTransformer(
                                new VisionTransformer.Sizes(8, 4, 2, 2, 8, 12), 0.1, CLASSES),
                Shape.of(2, 3, 8, 8),
                Shape.of(2)),
        GPT(() -> new GPT(new GPT.Sizes(CLASSES, 6, 8, 2, 2), 0.1), Shape.of(2, 6), Shape.of(2, 6)),
        LSTM(
                () -> new LstmClassifier(new LstmClassifier.Sizes(CLASSES, 4, 6, 2), CLASSES),
                Shape.of(2, 6),
                Shape.of(2)),
        UNET(() -> new UNet(3, CLASSES, 4, 2), Shape.of(2, 3, 8, 8), Shape.of(2, 8, 8));

        private final Supplier<Layer> net;
        private final Shape input;
        private final Shape labels;

        Model(Supplier<Layer> net, Shape input, Shape labels) {
            this.net = net;
            this.input = input;
            this.labels = labels;
        }
    }

    @BeforeAll
    static void open() {
        Emulation.backend();
    }

    private static final class Run {
        private final Layer net;
        private final Optimizer optimizer;
        private final Tensor x;
        private final Tensor y;

        Run(Model model, Device device) {
            Seed.manualSeed(3);
            net = model.net.get().to(device);
            optimizer = new AdamW(net.parameters(), 1e-2);
            SplittableRandom random = new SplittableRandom(4);
            long[] symbols = random.longs(model.input.size(), 0, CLASSES).toArray();
            Tensor given = Tensor.of(symbols, model.input);
            x = (model.input.rank() == 4 ? given.to(DType.FLOAT32) : given).to(device).keep();
            long[] labels = random.longs(model.labels.size(), 0, CLASSES).toArray();
            y = Tensor.of(labels, model.labels).to(device).keep();
        }

        Tensor step() {
            Tensor logits = net.forward(x);
            Tensor loss =
                    logits.shape().rank() == 3
                            ? crossEntropy(logits.reshape(-1, CLASSES), y.reshape(-1))
                            : crossEntropy(logits, y);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss.detach();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MOBILENET")
    void recordedStepsHaveTheBitsOfWrittenOnes(Model model) {
        check(model);
    }

    /** Its last convolution has 1280 channels in any width. */
    @Test
    @Tag("thorough")
    void recordedStepsOfALargerOneHaveTheBitsOfWrittenOnes() {
        check(Model.MOBILENET);
    }

    private static void check(Model model) {
        Device cuda = Device.cuda();
        Run written = new Run(model, cuda);
        Run recorded = new Run(model, cuda);
        try (CompiledStep<Tensor> step = cuda.compile(recorded::step)) {
            for (int i = 0; i < STEPS; i++) {
                float[] expected = written.step().toFloats();
                assertArrayEquals(expected, step.run().toFloats(), "loss of step " + i);
            }
            assertTrue(step.description().startsWith("a CUDA graph of "), () -> step.description());
        }
        recorded.net
                .stateDict()
                .forEach(
                        (name, t) ->
                                assertArrayEquals(
                                        written.net.stateDict().get(name).toDoubles(),
                                        t.toDoubles(),
                                        name));
    }
}
