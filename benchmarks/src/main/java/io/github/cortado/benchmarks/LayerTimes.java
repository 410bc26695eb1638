package io.github.cortado.benchmarks;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Init;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.MaxPool2d;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The speed of single layers, as one JSON line: median milliseconds forward, and of both gradients
 * (by input and parameters) together.
 *
 * <p>The layers are ResNet-18's at 224 x 224, those of a MobileNetV2 block, a grouped and a 5 x 5
 * convolution, two linear layers, and a batched product as large as that of attention scores. Names
 * and shapes are those of {@code peer/layers_torch.py}.
 */
public final class LayerTimes {
    /** A layer and the shape of what it is given. */
    record Entry(String name, Layer layer, List<Integer> shape) {
        Entry(String name, Layer layer, int... shape) {
            this(name, layer, Arrays.stream(shape).boxed().toList());
        }

        int[] sizes() {
            return shape.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** What is timed of each. */
    static final List<String> DIRECTIONS = List.of("forward", "gradients");

    /** The beginning of what is said where {@code --only} leaves none. */
    static final String NO_LAYER = "--only: no layer has '";

    private LayerTimes() {}

    /**
     * Runs the program: {@code --device --threads --reps --only} (part of a name) {@code --mode
     * eager|graph}, and before each layer at least {@code --warmup} calls and {@code --millis} of
     * them, while Java still compiles.
     */
    public static void main(String[] line) {
        Arguments.main(LayerTimes.class, line, defaults(), a -> Json.write(run(a)));
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cpu");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("reps", "15");
        d.put("warmup", "40");
        d.put("millis", "1500");
        d.put("mode", "eager");
        d.put("only", "");
        return d;
    }

    static List<Entry> entries() {
        return List.of(
                new Entry("resnet.conv1 7x7/2 3-64 @224", conv(3, 64, 7, 2, 3), 8, 3, 224, 224),
                new Entry("resnet.layer1 3x3 64-64 @56", conv(64, 64, 3, 1, 1), 8, 64, 56, 56),
                new Entry(
                        "resnet.layer2.0 3x3/2 64-128 @56", conv(64, 128, 3, 2, 1), 8, 64, 56, 56),
                new Entry(
                        "resnet.layer2.down 1x1/2 64-128 @56",
                        conv(64, 128, 1, 2, 0),
                        8,
                        64,
                        56,
                        56),
                new Entry("resnet.layer2 3x3 128-128 @28", conv(128, 128, 3, 1, 1), 8, 128, 28, 28),
                new Entry("resnet.layer3 3x3 256-256 @14", conv(256, 256, 3, 1, 1), 8, 256, 14, 14),
                new Entry("resnet.layer4 3x3 512-512 @7", conv(512, 512, 3, 1, 1), 8, 512, 7, 7),
                new Entry("resnet.bn 64 @56", new BatchNorm2d(64), 8, 64, 56, 56),
                new Entry("resnet.maxpool 3x3/2 @112", new MaxPool2d(3, 2, 1), 8, 64, 112, 112),
                new Entry("mobilenet.expand 1x1 24-144 @56", conv(24, 144, 1, 1, 0), 8, 24, 56, 56),
                new Entry(
                        "mobilenet.depthwise 3x3 144 @56",
                        conv(144, 144, 3, 1, 1).groups(144),
                        8,
                        144,
                        56,
                        56),
                new Entry(
                        "mobilenet.depthwise 3x3/2 144 @56",
                        conv(144, 144, 3, 2, 1).groups(144),
                        8,
                        144,
                        56,
                        56),
                new Entry(
                        "grouped 3x3 g4 64-64 @28", conv(64, 64, 3, 1, 1).groups(4), 8, 64, 28, 28),
                new Entry("conv 5x5 32-32 @28", conv(32, 32, 5, 1, 2), 8, 32, 28, 28),
                new Entry("linear 512-1000", new Linear(512, 1000), 256, 512),
                new Entry("linear 4096-4096", new Linear(4096, 4096), 128, 4096),
                new Entry("matmul 32 x [256,64][64,256]", new Product(32, 64, 256), 32, 256, 64));
    }

    private static Conv2d conv(int inputs, int outputs, int kernel, int stride, int padding) {
        return new Conv2d(inputs, outputs, kernel).stride(stride).padding(padding).withoutBias();
    }

    /** x @ right, right being the parameter. */
    private static final class Product extends Layer {
        private final Tensor right;

        Product(int... shape) {
            right = parameter("right", random(Device.cpu(), shape));
        }

        @Override
        public Tensor forward(Tensor x) {
            return x.matmul(right);
        }
    }

    /** Numbers from -1 to 1. */
    static Tensor random(Device device, int... shape) {
        return Init.uniform(Tensor.zeros(shape).to(device), -1, 1, Seed.nextParameter());
    }

    static Map<String, Object> run(Arguments a) {
        Device device = Device.of(a.text("device"));
        int threads = a.count("threads");
        boolean graph = a.oneOf("mode", "eager", "graph").equals("graph");
        if (graph && !device.name().startsWith("cpu")) {
            throw new Arguments.UsageException(
                    "--mode graph: device "
                            + device.name()
                            + " replays a step as a whole, so its directions have no times; only a"
                            + " CPU runs it as it is written");
        }
        Map<String, Object> times = new LinkedHashMap<>();
        for (Entry entry : entries()) {
            if (entry.name.contains(a.text("only"))) {
                Timed timed = new Timed(entry, device);
                timed.measure(a, graph);
                times.put(entry.name + ", " + DIRECTIONS.get(0), Series.median(timed.forward));
                times.put(entry.name + ", " + DIRECTIONS.get(1), Series.median(timed.gradients));
            }
        }
        if (times.isEmpty()) {
            throw new Arguments.UsageException(NO_LAYER + a.text("only") + "'");
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("device", device.name());
        out.put("threads", threads);
        out.put("mode", graph ? "graph" : "eager");
        out.put("milliseconds", times);
        return out;
    }

    /** A layer on a device, with the milliseconds that its calls took. */
    private static final class Timed {
        private final Layer layer;
        private final Device device;
        private final Tensor x;
        private final Tensor dy;
        private final SGD optimizer;
        private final List<Double> forward = new ArrayList<>();
        private final List<Double> gradients = new ArrayList<>();

        Timed(Entry entry, Device device) {
            layer = entry.layer;
            this.device = device;
            layer.to(device);
            x = random(device, entry.sizes()).keep();
            dy = random(device, layer.forward(x).shape().dims()).keep();
            x.requiresGrad(true);
            // Gradients go where an optimizer keeps them, as in training from its first step on.
            List<Tensor> leaves = new ArrayList<>(layer.parameters());
            leaves.add(x);
            optimizer = new SGD(leaves, 1e-3);
            optimizer.step();
        }

        void measure(Arguments a, boolean graph) {
            try (CompiledStep<Tensor> step = device.compile(this::once)) {
                Runnable call = graph ? step::run : this::once;
                WarmUp.run(a.count("warmup"), a.count("millis"), call);
                forward.clear();
                gradients.clear();
                for (int i = 0; i < a.count("reps"); i++) {
                    call.run();
                }
            }
        }

        private Tensor once() {
            optimizer.zeroGrad();
            device.synchronize();
            long start = System.nanoTime();
            Tensor y = layer.forward(x);
            device.synchronize();
            long between = System.nanoTime();
            y.backward(dy);
            device.synchronize();
            long end = System.nanoTime();
            forward.add((between - start) / 1e6);
            gradients.add((end - between) / 1e6);
            return y;
        }
    }
}
