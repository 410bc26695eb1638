package io.github.cortado.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What does not fit is refused in the model's own words: what was given, and what was expected. */
class ModelErrorsTest {
    private static void misshapen(String message, Executable code) {
        assertEquals(message, assertThrows(ShapeException.class, code).getMessage());
    }

    private static void refused(String message, Executable code) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, code).getMessage());
    }

    @Test
    void picturesOfAnotherShapeAreRefused() {
        misshapen(
                "LeNet: expected pictures [n, 3, 32, 32], got [2, 3, 32, 28]",
                () -> new LeNet().forward(Tensor.zeros(2, 3, 32, 28)));
        misshapen(
                "MLP: expected [n, ...] with 12 numbers each, got [2, 13]",
                () -> new MLP(12, 2).forward(Tensor.zeros(2, 13)));
        ResNet.Sizes sizes = new ResNet.Sizes(ResNet.Kind.BASIC, List.of(1, 1, 1, 1), 2);
        misshapen(
                "ResNet: expected pictures [n, 3, h, w], got [2, 1, 8, 8]",
                () -> new ResNet(sizes, PictureSize.CIFAR, 5).forward(Tensor.zeros(2, 1, 8, 8)));
        List<List<Integer>> stages = List.of(List.of(2), List.of(2));
        misshapen(
                "VGG: expected pictures [n, 3, h, w] with sides of at least 4, got [1, 3, 4, 3]",
                () ->
                        new VGG(stages, 3, PictureSize.IMAGENET, 5)
                                .forward(Tensor.zeros(1, 3, 4, 3)));
        misshapen(
                "VGG: expected pictures [n, 3, 4, 4], got [1, 3, 8, 8]",
                () -> new VGG(stages, 3, PictureSize.CIFAR, 5).forward(Tensor.zeros(1, 3, 8, 8)));
        misshapen(
                "MobileNetV2: expected pictures [n, 3, h, w], got [3, 8, 8]",
                () -> new MobileNetV2(0.1, PictureSize.CIFAR, 5).forward(Tensor.zeros(3, 8, 8)));
        misshapen(
                "VisionTransformer: expected pictures [n, 3, 8, 8], got [1, 3, 12, 8]",
                () ->
                        new VisionTransformer(new VisionTransformer.Sizes(8, 4, 1, 2, 4, 6), 0, 5)
                                .forward(Tensor.zeros(1, 3, 12, 8)));
    }

    @Test
    void sidesThatCannotBeHalvedAsOftenAsNeededAreRefused() {
        misshapen(
                "UNet: expected sides that can be divided by 8, for 3 poolings, got [1, 2, 16, 20]",
                () -> new UNet(2, 3, 2, 3).forward(Tensor.zeros(1, 2, 16, 20)));
    }

    @Test
    void sequencesThatAreNoneOrTooLongAreRefused() {
        LstmClassifier lstm = new LstmClassifier(new LstmClassifier.Sizes(5, 2, 3, 1), 2);
        misshapen(
                "LstmClassifier: expected numbers of symbols [n, t], t at least 1, got [4]",
                () -> lstm.forward(Tensor.of(new long[4], 4)));
        GPT gpt = new GPT(new GPT.Sizes(5, 6, 4, 1, 2), 0);
        misshapen(
                "GPT: a sequence of 7 symbols, the model has 6 positions (index [2, 7])",
                () -> gpt.forward(Tensor.of(new long[14], 2, 7)));
        gpt.eval();
        misshapen(
                "GPT.generate: a prompt of 4 symbols and 3 more, the model has 6 positions (prompt"
                        + " [1, 4])",
                () -> gpt.generate(Tensor.of(new long[4], 1, 4), 3, Sampling.greedy()));
        misshapen(
                "GPT.generate: expected numbers of symbols [n, t], t at least 1, got [1, 0]",
                () -> gpt.generate(Tensor.of(new long[0], 1, 0), 3, Sampling.greedy()));
        refused(
                "GPT.generate: expected a number of symbols from 0 up, got -1",
                () -> gpt.generate(Tensor.of(new long[4], 1, 4), -1, Sampling.greedy()));
    }

    @Test
    void sizesThatMakeNoNetworkAreRefused() {
        refused(
                "LeNet: sizes must be at least 1, got (channels, side, classes) = [3, 32, 0]",
                () -> new LeNet(3, 32, 0));
        refused("LeNet: a side of 7; three poolings need 8 at least", () -> new LeNet(3, 7, 10));
        refused("MLP: expected the widths of input and output at least, got 1", () -> new MLP(3));
        refused(
                "ResNet: expected four stages, got blocks = [2, 2]",
                () -> new ResNet.Sizes(ResNet.Kind.BASIC, List.of(2, 2), 64));
        refused(
                "ResNet: sizes must be at least 1, got blocks = [2, 0, 1, 1]",
                () -> new ResNet.Sizes(ResNet.Kind.BASIC, List.of(2, 0, 1, 1), 64));
        refused(
                "VGG: expected stages of at least one convolution, got [[2], []]",
                () -> new VGG(List.of(List.of(2), List.of()), 1, PictureSize.CIFAR, 5));
        refused(
                "MobileNetV2: expected a width above 0, got NaN",
                () -> new MobileNetV2(Double.NaN, PictureSize.CIFAR, 5));
        refused(
                "VisionTransformer: a side of 10 is no whole number of patches of 4",
                () -> new VisionTransformer.Sizes(10, 4, 1, 1, 4, 4));
        refused(
                "VisionTransformer: a width of 4 cannot be shared by 3 heads",
                () -> new VisionTransformer.Sizes(8, 4, 1, 3, 4, 4));
        refused(
                "GPT: a width of 10 cannot be shared by 4 heads",
                () -> new GPT.Sizes(5, 5, 10, 1, 4));
        refused("UNet: expected a depth of at most 16, got 17", () -> new UNet(1, 2, 1, 17));
        refused(
                "Sampling: expected a temperature and topK of at least 0, got NaN and 0",
                () -> new Sampling(Double.NaN, 0, 1));
        refused(
                "Sampling: expected a temperature and topK of at least 0, got 1.0 and -1",
                () -> new Sampling(1, -1, 1));
    }

    @Test
    void aModelInTrainingGeneratesNothing() {
        GPT gpt = new GPT(new GPT.Sizes(5, 6, 4, 1, 2), 0.1);
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> gpt.generate(Tensor.of(new long[2], 1, 2), 1, Sampling.greedy()));
        assertEquals(
                "GPT.generate: the model is in training, and dropout would make it another; call"
                        + " eval() first",
                e.getMessage());
    }
}
