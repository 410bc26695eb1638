package io.github.cortado.benchmarks;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.models.LeNet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/**
 * Times of the operations of a LeNet step, and of some square products, on any device, as JSON
 * lines, each with all operations that have been timed by then: microseconds a call by the device's
 * own clock, the median of {@code --reps} rounds of {@code --calls} calls, with the operations and
 * bytes that each needs at least. With {@code --mode graph} the calls are recorded and replayed, so
 * that no time to ask for them is in it.
 */
public final class OperationTimes {
    /** Runs after which a step has been recorded, and replayed once. */
    private static final int RECORDED_BY = 4;

    private final Device device;
    private final Backend backend;
    private final int batch;
    private final List<Operation> operations = new ArrayList<>();

    /**
     * An operation to be timed.
     *
     * @param flops multiplications and additions
     * @param bytes read and written, each once
     */
    private record Operation(String name, double flops, double bytes, Runnable call) {}

    private OperationTimes(Device device, int batch) {
        this.device = device;
        this.backend = device.backend();
        this.batch = batch;
    }

    /** Runs the program: {@code --device --batch --reps --calls --mode --tf32 --only PART}. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            Answer answer = new Answer(System.out);
            answer.whole(run(a, answer));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("OperationTimes: " + e.getMessage());
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cpu");
        d.put("batch", "100");
        d.put("reps", "7");
        d.put("calls", "50");
        d.put("mode", "eager");
        d.put("tf32", "false");
        d.put("only", "");
        return d;
    }

    /**
     * Times them.
     *
     * @param meanwhile takes the fields of a JSON line after every operation
     * @return the fields of the last JSON line
     */
    static Map<String, Object> run(Arguments a, Consumer<Map<String, Object>> meanwhile) {
        Device device = Device.of(a.text("device"));
        if (a.on("tf32") && !device.allowTf32(true)) {
            throw new Arguments.UsageException(
                    "--tf32: device " + device + " does not compute in TF32");
        }
        boolean recorded = a.oneOf("mode", "eager", "graph").equals("graph");
        OperationTimes times = new OperationTimes(device, a.count("batch"));
        times.leNet();
        times.products();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("device", device.name());
        out.put("batch", a.count("batch"));
        out.put("mode", a.text("mode"));
        out.put("tf32", a.on("tf32"));
        List<Map<String, Object>> rows = new ArrayList<>();
        out.put("operations", rows);
        for (Operation o : times.operations) {
            if (o.name.contains(a.text("only"))) {
                rows.add(row(device, o, a.count("reps"), a.count("calls"), recorded));
                meanwhile.accept(out);
            }
        }
        return out;
    }

    private static Map<String, Object> row(
            Device device, Operation o, int reps, int calls, boolean recorded) {
        Runnable all =
                () -> {
                    for (int i = 0; i < calls; i++) {
                        o.call.run();
                    }
                };
        List<Double> micros = new ArrayList<>();
        try (CompiledStep<String> step = device.compile(() -> named(o.name, all))) {
            Runnable round = recorded ? step::run : all;
            for (int run = 0; run < (recorded ? RECORDED_BY : 1); run++) {
                round.run();
            }
            for (int rep = 0; rep < reps; rep++) {
                micros.add(device.nanoseconds(round) / 1e3 / calls);
            }
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("operation", o.name);
        row.put("microseconds", Series.median(micros));
        row.put("flops", o.flops);
        row.put("bytes", o.bytes);
        return row;
    }

    /** A step has to return something. */
    private static String named(String name, Runnable work) {
        work.run();
        return name;
    }

    private void leNet() {
        for (LeNetLayer layer : LeNetLayer.values()) {
            convolution(layer);
            pooling(layer);
            pooledConvolution(layer);
        }
        product("fc1 forward", batch, 500, 1024, false, true);
        product("fc1 gradInput", batch, 1024, 500, false, false);
        product("fc1 gradWeight", 500, 1024, batch, true, false);
        Buffer x = random(batch, 500);
        Buffer y = empty(batch, 500);
        Operands dropout =
                new Operands(
                        List.of(x),
                        List.of(y),
                        List.of(StepValue.of(0.5), StepValue.of(2.0)),
                        List.of(new RandomStream(1, 0, 0)),
                        Broadcast.elementwise(1, y.length()));
        Formula formula = Formulas.DROPOUT.value();
        add("dropout", 0, 8.0 * batch * 500, () -> backend.pointwise(formula, dropout));
        crossEntropy();
        adam(541_094);
    }

    private void convolution(LeNetLayer layer) {
        Conv2dSpec s = layer.convolution(batch);
        Buffer x = random(batch, layer.in, layer.side, layer.side);
        Buffer w = random(layer.out, layer.in, 3, 3);
        Buffer b = random(layer.out);
        Buffer y = empty(batch, layer.out, layer.side, layer.side);
        Buffer dy = random(batch, layer.out, layer.side, layer.side);
        Buffer dx = empty(batch, layer.in, layer.side, layer.side);
        Buffer dw = empty(layer.out, layer.in, 3, 3);
        Buffer db = empty(layer.out);
        double flops = 18.0 * batch * layer.in * layer.out * layer.side * layer.side;
        double bytes = 4.0 * (x.length() + w.length() + y.length());
        add(layer + " forward", flops, bytes, () -> backend.conv2d(x, w, b, y, null, s));
        add(
                layer + " gradInput",
                flops,
                bytes,
                () -> backend.conv2dGrad(x, w, dy, null, dx, null, null, s));
        add(
                layer + " gradWeight",
                flops,
                bytes,
                () -> backend.conv2dGrad(x, w, dy, null, null, dw, db, s));
    }

    /** Convolution, ReLU and pooling as one operation; the gradients of the first need no dx. */
    private void pooledConvolution(LeNetLayer layer) {
        Conv2dSpec s = layer.convolution(batch).pooled(layer.pooling(batch).withRelu());
        Buffer x = random(batch, layer.in, layer.side, layer.side);
        Buffer w = random(layer.out, layer.in, 3, 3);
        Buffer b = random(layer.out);
        Buffer y = empty(batch, layer.out, layer.side / 2, layer.side / 2);
        Buffer dy = random(batch, layer.out, layer.side / 2, layer.side / 2);
        Buffer index = backend.empty(DType.UINT8, y.length());
        Buffer dx =
                layer == LeNetLayer.conv1 ? null : empty(batch, layer.in, layer.side, layer.side);
        Buffer dw = empty(layer.out, layer.in, 3, 3);
        Buffer db = empty(layer.out);
        double flops = 18.0 * batch * layer.in * layer.out * layer.side * layer.side;
        double bytes = 4.0 * (x.length() + w.length()) + 5.0 * y.length();
        add(layer + " pooled forward", flops, bytes, () -> backend.conv2d(x, w, b, y, index, s));
        add(
                layer + " pooled grad",
                (dx == null ? 1 : 2) * flops,
                (dx == null ? 1 : 2) * bytes,
                () -> backend.conv2dGrad(x, w, dy, index, dx, dw, db, s));
    }

    private void pooling(LeNetLayer layer) {
        Pool2dSpec s = layer.pooling(batch).withRelu();
        Buffer x = random(batch, layer.out, layer.side, layer.side);
        Buffer y = empty(batch, layer.out, layer.side / 2, layer.side / 2);
        Buffer index = backend.empty(DType.UINT8, y.length());
        Buffer dx = empty(batch, layer.out, layer.side, layer.side);
        double bytes = 4.0 * x.length() + 5.0 * y.length();
        add(layer + " reluMaxPool", 0, bytes, () -> backend.maxPool2d(x, y, index, s));
        add(
                layer + " reluMaxPoolGrad",
                0,
                bytes,
                () -> backend.maxPool2dGrad(null, index, y, dx, s));
    }

    private void crossEntropy() {
        Buffer logits = random(batch, LeNet.CLASSES);
        Buffer target = backend.allocate(DType.INT64, batch);
        Buffer loss = empty(1);
        Buffer dx = empty(batch, LeNet.CLASSES);
        Buffer totals = backend.allocate(DType.FLOAT64, 3);
        CrossEntropySpec s =
                new CrossEntropySpec(
                        batch, LeNet.CLASSES, 1, CrossEntropySpec.Reduction.MEAN, -100, 0);
        add(
                "crossEntropy",
                0,
                8.0 * (logits.length() + batch),
                () -> backend.crossEntropy(logits, target, loss, dx, totals, s));
    }

    private void adam(int n) {
        Buffer w = random(n);
        Buffer g = random(n);
        Buffer m = random(n);
        Buffer v = backend.allocate(DType.FLOAT32, n);
        List<StepValue> parameters =
                DoubleStream.of(1e-3, 0, 0.9, 0.999, 1e-8, 0.1, 0.001)
                        .mapToObj(StepValue::of)
                        .toList();
        Operands step = Operands.of(List.of(w, g, m, v), List.of(w, m, v), parameters);
        add("adam", 0, 28.0 * n, () -> backend.pointwise(Updates.ADAM, step));
    }

    private void products() {
        for (int size : new int[] {512, 1024, 2048}) {
            product("product " + size, size, size, size, false, false);
        }
    }

    private void product(String name, int m, int n, int k, boolean transA, boolean transB) {
        Buffer a = random(m, k);
        Buffer b = random(k, n);
        Buffer y = empty(m, n);
        MatmulSpec s = MatmulSpec.single(m, n, k, transA, transB);
        add(
                name,
                2.0 * m * n * k,
                4.0 * (a.length() + b.length() + y.length()),
                () -> backend.matmul(a, b, y, s));
    }

    private void add(String name, double flops, double bytes, Runnable call) {
        operations.add(new Operation(name, flops, bytes, call));
    }

    private Buffer random(int... shape) {
        return LayerTimes.random(device, shape).keep().buffer();
    }

    private Buffer empty(int... shape) {
        return backend.empty(DType.FLOAT32, Shape.of(shape).size());
    }
}
