package io.github.cortado.benchmarks;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.benchmarks.Operation.Input;
import io.github.cortado.io.Json;
import io.github.cortado.nn.Init;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The speed of single operations, as one JSON line: milliseconds of a call forward, without
 * recording, and of the gradients by all of its inputs, for each of {@link Operations}. Each is the
 * median of batches of calls.
 *
 * <p>All of them run in one process, and all have run before the first is timed: loops that several
 * share are then compiled for all of them, as they are in a program that uses more than one. Each
 * is timed when Java has compiled it.
 */
public final class OperationThroughput {
    /** What is timed of each. */
    static final List<String> DIRECTIONS = List.of("forward", "gradients");

    /** Milliseconds that a batch of calls takes at least. */
    private static final double BATCH = 5;

    /** Batches, however long they take. */
    private static final int LEAST_BATCHES = 3;

    /** Longest wait for the compiler before an operation is timed. */
    private static final int MOST_SECONDS = 20;

    /** Milliseconds after which it is looked at whether Java still compiles. */
    private static final int WINDOW = 200;

    private final Device device;
    private final Arguments options;
    private final Map<String, Tensor> inputs = new HashMap<>();

    /** Milliseconds of the fastest call, by name: what a busy machine disturbs least. */
    private final Map<String, Object> best = new LinkedHashMap<>();

    /** Somebody has to want what is computed. */
    @SuppressWarnings("unused")
    private @Nullable Object last;

    private OperationThroughput(Arguments options) {
        this.options = options;
        this.device = Device.of(options.text("device"));
    }

    /**
     * Runs the program: {@code --device --threads --sizes --order 1|2|3 --mode eager|graph}, {@code
     * --only} (part of a name; others do not run), {@code --time} (parts of names; others run, but
     * are not timed), and for each direction {@code --warmup} and {@code --millis}.
     */
    public static void main(String[] line) {
        Arguments.main(OperationThroughput.class, line, defaults(), a -> Json.write(run(a)));
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cpu");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("sizes", String.join(",", Operations.SIZES));
        d.put("order", "1");
        d.put("mode", "graph");
        d.put("only", "");
        d.put("time", "");
        d.put("warmup", "200");
        d.put("millis", "200");
        return d;
    }

    static Map<String, Object> run(Arguments a) {
        OperationThroughput program = new OperationThroughput(a);
        List<Operation> operations = inOrder(a);
        for (Operation o : operations) {
            program.measure(o, a.count("warmup"), 0);
        }
        Map<String, Object> times = new LinkedHashMap<>();
        for (Operation o : operations) {
            if (Arrays.stream(a.text("time").split(",")).anyMatch(o.name()::contains)) {
                // Others may have spoiled what was compiled of it, and calls of interpreted vectors
                // take so long that few of them fit into the warm-up.
                WarmUp.untilCompiled(
                        0, MOST_SECONDS, WINDOW, () -> program.measure(o, WINDOW / 4, 0));
                times.putAll(program.measure(o, a.count("warmup") / 2, a.count("millis")));
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", program.device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("device", program.device.name());
        out.put("threads", a.count("threads"));
        out.put("mode", a.text("mode"));
        out.put("order", a.text("order"));
        out.put("milliseconds", times);
        out.put("best", program.best);
        return out;
    }

    private static List<Operation> inOrder(Arguments a) {
        List<Operation> operations = Operations.chosen(a);
        switch (a.oneOf("order", "1", "2", "3")) {
            case "2" -> Collections.reverse(operations);
            case "3" -> Collections.shuffle(operations, new Random(3));
            default -> {
                // As they are listed.
            }
        }
        return operations;
    }

    private Map<String, Double> measure(Operation o, int warmup, int millis) {
        List<Tensor> operands = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Input input : o.inputs()) {
            int occurrence = seen.merge(input.toString(), 1, Integer::sum);
            Tensor values = inputs.computeIfAbsent(input + " " + occurrence, key -> random(input));
            operands.add(input.leaf() ? values.copy().requiresGrad(true) : values);
        }
        Runnable dropGradients = dropGradients(operands);
        Supplier<Tensor> call = o.prepare().apply(operands);
        Map<String, Double> times = new LinkedHashMap<>();
        String forward = o.name() + ", " + DIRECTIONS.get(0);
        times.put(forward, timed(forward, () -> forward(call), warmup, millis));
        if (o.hasGradient()) {
            Tensor dy = random(like(call.get()));
            String gradients = o.name() + ", " + DIRECTIONS.get(1);
            times.put(
                    gradients,
                    timed(gradients, () -> gradients(call, dy, dropGradients), warmup, millis));
        }
        return times;
    }

    /** Gradients go where an optimizer keeps them, as in training from its first step on. */
    private static Runnable dropGradients(List<Tensor> operands) {
        List<Tensor> leaves = operands.stream().filter(Tensor::requiresGrad).toList();
        if (leaves.isEmpty()) {
            return () -> {};
        }
        SGD optimizer = new SGD(leaves, 1e-3);
        optimizer.step();
        return optimizer::zeroGrad;
    }

    private static Input like(Tensor y) {
        return Input.of(y.shape().dims()).as(y.dtype());
    }

    private Tensor random(Input input) {
        Tensor zeros = Tensor.zeros(input.sizes());
        Tensor x = Init.uniform(zeros, input.low(), input.high(), Seed.nextParameter());
        return x.to(input.dtype()).to(device).keep();
    }

    /** The median milliseconds of a call; a call says itself how long it took. */
    private double timed(String name, Supplier<Double> once, int warmup, int millis) {
        boolean graph = options.oneOf("mode", "eager", "graph").equals("graph");
        try (CompiledStep<Double> step = device.compile(once)) {
            Supplier<Double> call = graph ? step::run : once;
            WarmUp.run(3, warmup, () -> last = call.get());
            List<Double> batches = new ArrayList<>();
            long end = System.nanoTime() + millis * 1_000_000L;
            double fastest = Double.MAX_VALUE;
            while (batches.size() < LEAST_BATCHES && millis > 0 || System.nanoTime() < end) {
                double spent = 0;
                int calls = 0;
                while (spent < BATCH) {
                    double millisOfCall = call.get();
                    fastest = Math.min(fastest, millisOfCall);
                    spent += millisOfCall;
                    calls++;
                }
                batches.add(spent / calls);
            }
            if (batches.isEmpty()) {
                return 0;
            }
            best.put(name, fastest);
            return Series.median(batches);
        }
    }

    private double forward(Supplier<Tensor> call) {
        long start = System.nanoTime();
        try (var pause = Autograd.noGrad()) {
            last = call.get();
        }
        device.synchronize();
        return (System.nanoTime() - start) / 1e6;
    }

    private double gradients(Supplier<Tensor> call, Tensor dy, Runnable dropGradients) {
        Tensor y = call.get();
        device.synchronize();
        long start = System.nanoTime();
        y.backward(dy);
        device.synchronize();
        double spent = (System.nanoTime() - start) / 1e6;
        dropGradients.run();
        return spent;
    }
}
