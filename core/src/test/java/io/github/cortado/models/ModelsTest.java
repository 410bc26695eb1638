package io.github.cortado.models;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Models beside PyTorch's, whose weights, logits and gradients {@code oracle/models/generate.py}
 * has written.
 */
class ModelsTest {
    private static final Path FILES = Path.of("src", "test", "resources", "oracle", "models");
    private static final String WEIGHTS = "model.";

    /** Channels of a VGG-11 that fits into a file. */
    private static final List<List<Integer>> NARROW =
            List.of(List.of(4), List.of(6), List.of(8, 8), List.of(10, 10), List.of(12, 12));

    /** The networks of the files. */
    enum Model {
        LENET(() -> new LeNet(3, 8, 5)),
        MLP(() -> new MLP(18, 12, 9, 4)),
        RESNET18(() -> resNet(ResNet.Sizes.RESNET18, 4, PictureSize.IMAGENET, 6)),
        RESNET18_CIFAR(() -> resNet(ResNet.Sizes.RESNET18, 4, PictureSize.CIFAR, 6)),
        RESNET34(() -> resNet(ResNet.Sizes.RESNET34, 2, PictureSize.IMAGENET, 5)),
        RESNET50(() -> resNet(ResNet.Sizes.RESNET50, 3, PictureSize.IMAGENET, 5)),
        VGG11(() -> new VGG(NARROW, 16, PictureSize.IMAGENET, 7)),
        VGG11_SMALL(() -> new VGG(NARROW, 16, PictureSize.CIFAR, 7)),
        MOBILENET_V2(() -> new MobileNetV2(0.1, PictureSize.IMAGENET, 5)),
        MOBILENET_V2_SMALL(() -> new MobileNetV2(0.1, PictureSize.CIFAR, 5)),
        VIT(() -> new VisionTransformer(new VisionTransformer.Sizes(12, 4, 2, 3, 24, 40), 0, 5)),
        GPT(() -> new GPT(new GPT.Sizes(11, 16, 24, 2, 3), 0)),
        LSTM(() -> new LstmClassifier(new LstmClassifier.Sizes(13, 6, 8, 2), 4)),
        UNET(() -> new UNet(2, 3, 4, 2));

        private final Supplier<Layer> net;

        Model(Supplier<Layer> net) {
            this.net = net;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        Map<String, Tensor> file() throws IOException {
            return SafeTensors.load(FILES.resolve(word() + ".safetensors"));
        }
    }

    @TempDir Path folder;

    private static ResNet resNet(ResNet.Sizes sizes, int width, PictureSize pictures, int classes) {
        return new ResNet(new ResNet.Sizes(sizes.kind(), sizes.blocks(), width), pictures, classes);
    }

    /** The state dict in a file, in its order. */
    static Map<String, Tensor> weights(Map<String, Tensor> file) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        file.forEach(
                (name, value) -> {
                    if (name.startsWith(WEIGHTS)) {
                        weights.put(name.substring(WEIGHTS.length()), value);
                    }
                });
        return weights;
    }

    @ParameterizedTest
    @EnumSource
    void aStateDictHasTheNamesTheOrderAndTheShapesOfPyTorchs(Model model) throws Exception {
        Map<String, Tensor> own = model.net.get().stateDict();
        Map<String, Tensor> expected = weights(model.file());
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(own.keySet()));
        expected.forEach(
                (name, value) -> {
                    assertEquals(value.shape(), own.get(name).shape(), name);
                    assertEquals(value.dtype(), own.get(name).dtype(), name);
                });
    }

    @ParameterizedTest
    @EnumSource
    void aStateDictThatIsSavedBackIsTheFilesByNameOrderAndBits(Model model) throws Exception {
        Map<String, Tensor> expected = weights(model.file());
        Layer net = model.net.get();
        net.loadStateDict(expected);
        Path saved = folder.resolve("saved.safetensors");
        SafeTensors.save(saved, net.stateDict());
        Path again = folder.resolve("again.safetensors");
        SafeTensors.save(again, expected);
        assertArrayEquals(Files.readAllBytes(again), Files.readAllBytes(saved));
    }

    @ParameterizedTest
    @EnumSource
    void logitsLossAndGradientAreThoseOfPyTorch(Model model) throws Exception {
        Map<String, Tensor> file = model.file();
        double far = compare(model, file, Device.cpu(), DType.FLOAT32, 1e-4);
        double exact = compare(model, file, Device.cpuScalar(), DType.FLOAT64, 1e-9);
        System.out.printf(
                Locale.ROOT,
                "%s: logits are up to %.1e from PyTorch's in float32, %.1e in float64%n",
                model.word(),
                far,
                exact);
    }

    /**
     * Compares logits in evaluation, and a step of training without dropout.
     *
     * @return the largest difference of logits
     */
    private static double compare(
            Model model, Map<String, Tensor> file, Device device, DType type, double tolerance) {
        Layer net = model.net.get();
        net.loadStateDict(weights(file));
        net.to(device, type);
        Tensor x = file.get("x").to(device);
        x = x.dtype().isFloat() ? x.to(type) : x;
        Tensor y = file.get("y").to(device);
        Tensor logits = net.eval().forward(x);
        double far = difference(file.get("logits"), logits);
        assertTrue(far <= tolerance, model + ": logits are " + far + " from PyTorch's");
        net.train();
        net.namedBlocks().values().stream().filter(Dropout.class::isInstance).forEach(Block::eval);
        Tensor trained = net.forward(x);
        Tensor loss =
                trained.shape().rank() == 3
                        ? crossEntropy(trained.reshape(-1, trained.dim(2)), y.reshape(-1))
                        : crossEntropy(trained, y);
        double expected = file.get("loss").item();
        assertEquals(expected, loss.item(), tolerance * expected, "loss of " + model);
        loss.backward();
        double[] norms = file.get("norms").toDoubles();
        double norm = file.get("norm").item();
        double squares = 0;
        int i = 0;
        for (Map.Entry<String, Tensor> p : net.namedParameters().entrySet()) {
            double own = p.getValue().grad().norm().item();
            assertEquals(norms[i++], own, tolerance * norm, model + ": " + p.getKey());
            squares += own * own;
        }
        assertEquals(norms.length, i);
        assertEquals(norm, Math.sqrt(squares), tolerance * norm, "gradient of " + model);
        return far;
    }

    static double difference(Tensor expected, Tensor y) {
        assertEquals(expected.shape(), y.shape());
        double[] a = expected.toDoubles();
        double[] b = y.toDoubles();
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            // Written so that NaN is the largest.
            largest = Math.abs(a[i] - b[i]) <= largest ? largest : Math.abs(a[i] - b[i]);
        }
        return largest;
    }

    @Test
    void networksInFullSizeHaveAsManyParametersAsPyTorchs() throws Exception {
        Map<?, ?> expected = (Map<?, ?>) Json.parse(Files.readString(FILES.resolve("counts.json")));
        Map<String, Long> own = new LinkedHashMap<>();
        own.put("resnet18", resNets(ResNet.Sizes.RESNET18));
        own.put("resnet34", resNets(ResNet.Sizes.RESNET34));
        own.put("resnet50", resNets(ResNet.Sizes.RESNET50));
        int least = VGG.VGG11.get(0).get(0);
        own.put("vgg11", quadratic(k -> vgg(VGG.VGG11, k, least), least));
        own.put("mobilenet_v2", count(new MobileNetV2(1000)));
        VisionTransformer.Sizes b = VisionTransformer.Sizes.VIT_B_16;
        int times = b.width() / b.heads();
        own.put(
                "vit_b_16",
                quadratic(
                        k ->
                                new VisionTransformer(
                                        new VisionTransformer.Sizes(
                                                b.side(),
                                                b.patch(),
                                                b.layers(),
                                                b.heads(),
                                                b.heads() * k,
                                                b.mlpWidth() / times * k),
                                        0,
                                        1000),
                        times));
        GPT.Sizes g = GPT.Sizes.GPT2;
        own.put(
                "gpt2",
                quadratic(
                        k ->
                                new GPT(
                                        new GPT.Sizes(
                                                g.vocabulary(),
                                                g.positions(),
                                                g.heads() * k,
                                                g.layers(),
                                                g.heads()),
                                        0),
                        g.width() / g.heads()));
        assertEquals(expected, own);
        System.out.println("parameters: " + own);
    }

    /** With {@code k} channels and hidden features for each {@code of} of torchvision's. */
    private static VGG vgg(List<List<Integer>> stages, int k, int of) {
        List<List<Integer>> narrow =
                stages.stream()
                        .map(stage -> stage.stream().map(channels -> channels / of * k).toList())
                        .toList();
        return new VGG(narrow, VGG.HIDDEN / of * k, PictureSize.IMAGENET, 1000);
    }

    private static long resNets(ResNet.Sizes sizes) {
        return quadratic(width -> resNet(sizes, width, PictureSize.IMAGENET, 1000), sizes.width());
    }

    /**
     * The count of parameters at one width by those at 1, 2 and 3, without the memory: weights grow
     * with its square, biases and normalisations with itself. That it is so is asked at 4.
     */
    private static long quadratic(IntFunction<Layer> net, int width) {
        long[] counts = new long[3];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = count(net.apply(i + 1));
        }
        assertEquals(count(net.apply(4)), through(counts, 4));
        return through(counts, width);
    }

    /** Lagrange's polynomial through the values at 1, 2 and 3. */
    private static long through(long[] y, long x) {
        return y[0] * ((x - 2) * (x - 3) / 2)
                - y[1] * ((x - 1) * (x - 3))
                + y[2] * ((x - 1) * (x - 2) / 2);
    }

    private static long count(Layer net) {
        return net.parameters().stream().mapToLong(Tensor::size).sum();
    }

    @Test
    void firstValuesAreTorchvisionsAndHuggingFaces() {
        Seed.manualSeed(3);
        ResNet resNet = resNet(ResNet.Sizes.RESNET18, 16, PictureSize.IMAGENET, 5);
        // Of fan_out, where fan_in is another: 32 channels from 16.
        deviation(Math.sqrt(2.0 / (32 * 9)), resNet, "layer2.0.conv1.weight");
        VGG vgg = new VGG(NARROW, 60, PictureSize.IMAGENET, 7);
        deviation(0.01, vgg, "classifier.0.weight");
        deviation(0, vgg, "classifier.0.bias");
        deviation(0, vgg, "features.3.bias");
        MobileNetV2 mobileNet = new MobileNetV2(0.1, PictureSize.CIFAR, 5);
        deviation(0.01, mobileNet, "classifier.1.weight");
        deviation(Math.sqrt(2.0 / 1280), mobileNet, "features.18.0.weight");
        VisionTransformer vit =
                new VisionTransformer(new VisionTransformer.Sizes(28, 4, 1, 4, 64, 96), 0, 5);
        deviation(1 / Math.sqrt(48), vit, "conv_proj.weight");
        deviation(0.02, vit, "encoder.pos_embedding");
        deviation(Math.sqrt(2.0 / (64 + 96)), vit, "encoder.layers.encoder_layer_0.mlp.0.weight");
        deviation(0, vit, "heads.head.weight");
        GPT gpt = new GPT(new GPT.Sizes(90, 40, 64, 3, 4), 0);
        deviation(0.02, gpt, "transformer.wte.weight");
        deviation(0.02, gpt, "transformer.h.1.attn.c_attn.weight");
        deviation(0.02 / Math.sqrt(6), gpt, "transformer.h.1.attn.c_proj.weight");
        deviation(0.02 / Math.sqrt(6), gpt, "transformer.h.2.mlp.c_proj.weight");
        deviation(0, gpt, "transformer.h.0.mlp.c_fc.bias");
    }

    private static void deviation(double expected, Layer net, String name) {
        Tensor w = net.stateDict().get(name);
        double rms = Math.sqrt(w.detach().square().mean().item());
        assertEquals(expected, rms, 0.08 * expected, name);
    }

    @Test
    void aHeadCanBeReplaced() {
        ResNet net = resNet(ResNet.Sizes.RESNET18, 2, PictureSize.CIFAR, 10);
        net.replace("fc", new Linear(16, 3));
        assertEquals(3, net.forward(Tensor.rand(2, 3, 8, 8)).dim(1));
        VisionTransformer vit =
                new VisionTransformer(new VisionTransformer.Sizes(8, 4, 1, 2, 4, 6), 0, 5);
        vit.children().get("heads").replace("head", new Linear(4, 2));
        assertEquals(2, vit.forward(Tensor.rand(3, 3, 8, 8)).dim(1));
        UNet unet = new UNet(1, 5, 2, 1);
        unet.replace("head", new Conv2d(2, 1, 1));
        assertEquals(1, unet.forward(Tensor.rand(1, 1, 4, 6)).dim(1));
    }

    @Test
    void anLstmReadsSequencesOfDifferentLengthsAsPyTorchDoes() throws Exception {
        Map<String, Tensor> file = Model.LSTM.file();
        LstmClassifier net = (LstmClassifier) Model.LSTM.net.get();
        net.loadStateDict(weights(file));
        Tensor logits = net.forward(file.get("x"), file.get("lengths"));
        assertTrue(difference(file.get("padded"), logits) < 1e-5);
        assertTrue(difference(file.get("logits"), logits) > 1e-3, "lengths count");
    }
}
