package io.github.cortado.benchmarks;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * LeNet's speed on random pictures in memory, as JSON lines: pictures a second of every repetition
 * so far and their median, a line after each repetition. The last line has all of them.
 *
 * <p>A training step is forward with dropout, cross-entropy, backward, Adam, and a running total of
 * the loss; with {@code --infer} a step is forward alone, in evaluation mode and without gradients.
 * Before anything is timed, the first five steps are checked against an ordinary loop, bit by bit;
 * where they differ the program ends with exit code 1.
 */
public final class LeNetThroughput {
    /** Steps that are checked against the ordinary loop. */
    static final int CHECKED_STEPS = 5;

    /**
     * What to run.
     *
     * @param warmUp pictures of the untimed run that comes first
     */
    record Settings(
            String device,
            int threads,
            int batch,
            int images,
            int reps,
            int warmUp,
            boolean infer,
            boolean graph,
            boolean tf32) {
        static Settings parse(List<String> line) {
            Arguments a =
                    Arguments.parse(
                            line,
                            defaults(
                                    "device", "cpu",
                                    "threads", "" + Runtime.getRuntime().availableProcessors(),
                                    "batch", "100",
                                    "images", "10000",
                                    "reps", "3",
                                    "warmup", "100000",
                                    "infer", "false",
                                    "mode", "eager",
                                    "tf32", "false"));
            Settings s =
                    new Settings(
                            a.text("device"),
                            a.count("threads"),
                            a.count("batch"),
                            a.count("images"),
                            a.count("reps"),
                            a.count("warmup"),
                            a.on("infer"),
                            a.oneOf("mode", "eager", "graph").equals("graph"),
                            a.on("tf32"));
            if (s.images < s.batch) {
                throw new Arguments.UsageException(
                        "--images " + s.images + " is less than one batch of " + s.batch);
            }
            return s;
        }

        private static Map<String, String> defaults(String... namesAndValues) {
            Map<String, String> map = new LinkedHashMap<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                map.put(namesAndValues[i], namesAndValues[i + 1]);
            }
            return map;
        }
    }

    private final Settings settings;
    private final Device device;
    private final float[] pixels;
    private final long[] classes;
    private final Tensor images;
    private final Tensor labels;
    private final LeNet model;
    private final Adam optimizer;
    private final Tensor total;
    private final Tensor x;
    private final Tensor y;
    private final CompiledStep<Tensor> recorded;
    private Tensor last;

    LeNetThroughput(Settings settings) {
        this.settings = settings;
        this.device = Device.of(settings.device);
        SplittableRandom random = new SplittableRandom(0);
        pixels = new float[settings.images * LeNet.CHANNELS * LeNet.SIDE * LeNet.SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) (2 * random.nextDouble() - 1);
        }
        classes = random.longs(settings.images, 0, LeNet.CLASSES).toArray();
        images =
                Tensor.of(pixels, settings.images, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE)
                        .to(device);
        labels = Tensor.of(classes, settings.images).to(device);
        Seed.manualSeed(0);
        model = new LeNet();
        model.to(device).train(!settings.infer);
        optimizer = new Adam(model.parameters(), 1e-3);
        total = Tensor.scalar(0f).to(device).copy().keep();
        last = total;
        x = images.narrow(0, 0, settings.batch).copy().keep();
        y = batchOfLabels(0).copy().keep();
        recorded = device.compile(() -> written(x, y));
        if (settings.tf32 && !device.allowTf32(true)) {
            throw new Arguments.UsageException(
                    "--tf32: device " + device + " does not compute in TF32");
        }
    }

    /** Runs the program; see the class comment for its options and exit codes. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Settings settings = Settings.parse(List.of(line));
            // Read once, by the first device that opens.
            System.setProperty("cortado.threads", "" + settings.threads);
            Answer answer = new Answer(System.out);
            answer.whole(new LeNetThroughput(settings).run(answer));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("LeNetThroughput: " + e.getMessage());
        } catch (DifferentStepsException e) {
            System.err.println("LeNetThroughput: " + e.getMessage());
            code = 1;
        }
        System.exit(code);
    }

    /** Thrown where the timed steps do not compute what the ordinary loop does. */
    static final class DifferentStepsException extends RuntimeException {
        DifferentStepsException(String message) {
            super(message);
        }
    }

    /**
     * Checks, warms up and measures.
     *
     * @param meanwhile takes the fields of a JSON line after every repetition but the last
     * @return the fields of the last JSON line
     * @throws DifferentStepsException where the check fails
     */
    Map<String, Object> run(Consumer<Map<String, Object>> meanwhile) {
        double firstLoss = checkFirstSteps();
        pass(settings.warmUp);
        List<Long> rates = new ArrayList<>();
        for (int rep = 0; rep < settings.reps; rep++) {
            long start = System.nanoTime();
            int pictures = pass(settings.images);
            rates.add(Math.round(pictures * 1e9 / (System.nanoTime() - start)));
            if (rep + 1 < settings.reps) {
                meanwhile.accept(fields(rates, firstLoss));
            }
        }
        Map<String, Object> out = fields(rates, firstLoss);
        out.put("last_loss", lastLoss());
        return out;
    }

    private Map<String, Object> fields(List<Long> rates, double firstLoss) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("device", settings.device);
        out.put("threads", settings.threads);
        out.put("batch", settings.batch);
        out.put("images", settings.images);
        out.put("reps", settings.reps);
        out.put("warmup", settings.warmUp);
        out.put("infer", settings.infer);
        out.put("mode", settings.graph ? "graph" : "eager");
        out.put("tf32", settings.tf32);
        out.put("step", settings.graph ? recorded.description() : "runs as it is written");
        out.put("images_per_second", List.copyOf(rates));
        out.put("median", Math.round(Series.median(rates)));
        out.put("first_loss", firstLoss);
        return out;
    }

    /** One pass over the first {@code n} pictures; returns how many whole batches hold. */
    int pass(int n) {
        int batch = settings.batch;
        int done = 0;
        // A warm-up may be longer than the data: it then begins again.
        while (n - done >= batch) {
            int at = done % (settings.images / batch * batch);
            step(images.narrow(0, at, batch), labels.narrow(0, at, batch));
            done += batch;
        }
        // Reading a value waits for devices that compute behind our back.
        total.item();
        return done;
    }

    /** A step on a batch; a recorded one takes it from where it was recorded. */
    private void step(Tensor images, Tensor labels) {
        if (settings.graph) {
            x.copyFrom(images);
            y.copyFrom(labels);
            last = recorded.run();
        } else {
            last = written(images, labels);
        }
    }

    private Tensor written(Tensor images, Tensor labels) {
        if (settings.infer) {
            try (var pause = Autograd.noGrad()) {
                return model.forward(images);
            }
        }
        optimizer.zeroGrad();
        Tensor loss = crossEntropy(model.forward(images), labels);
        loss.backward();
        optimizer.step();
        device.backend()
                .pointwise(
                        Formulas.ADD.value(),
                        Operands.of(
                                List.of(total.buffer(), loss.buffer()),
                                List.of(total.buffer()),
                                List.of()));
        return loss.detach();
    }

    private double lastLoss() {
        return settings.infer ? lossOfLogits(last, batchOfLabels(lastBatch())) : last.item();
    }

    private int lastBatch() {
        return settings.images / settings.batch - 1;
    }

    private Tensor batchOfLabels(int i) {
        return labels.narrow(0, i * settings.batch, settings.batch);
    }

    private static double lossOfLogits(Tensor logits, Tensor y) {
        return crossEntropy(logits, y).item();
    }

    // The check

    /** Takes the first steps, compares them with the ordinary loop, and returns the first loss. */
    private double checkFirstSteps() {
        List<float[]> taken = new ArrayList<>();
        double firstLoss = 0;
        for (int i = 0; i < CHECKED_STEPS; i++) {
            int at = batchOfStep(i) * settings.batch;
            Tensor y = batchOfLabels(batchOfStep(i));
            step(images.narrow(0, at, settings.batch), y);
            taken.add(last.toFloats());
            if (i == 0) {
                firstLoss = settings.infer ? lossOfLogits(last, y) : last.item();
            }
        }
        model.parameters().forEach(w -> taken.add(w.toFloats()));
        requireSame(taken, ordinaryLoop(), CHECKED_STEPS);
        return firstLoss;
    }

    /** Where there are fewer batches than steps, they come again. */
    private int batchOfStep(int i) {
        return i % (settings.images / settings.batch);
    }

    /**
     * The same first steps written the ordinary way, with a fresh model and batches of their own
     * memory: the loss (or, with {@code --infer}, the logits) of each, then every parameter.
     */
    private List<float[]> ordinaryLoop() {
        Seed.manualSeed(0);
        LeNet net = new LeNet();
        net.to(device);
        Adam adam = new Adam(net.parameters(), 1e-3);
        List<float[]> results = new ArrayList<>();
        int picture = LeNet.CHANNELS * LeNet.SIDE * LeNet.SIDE;
        for (int i = 0; i < CHECKED_STEPS; i++) {
            int from = batchOfStep(i) * settings.batch;
            int to = from + settings.batch;
            float[] x = Arrays.copyOfRange(pixels, from * picture, to * picture);
            long[] y = Arrays.copyOfRange(classes, from, to);
            Tensor input =
                    Tensor.of(x, settings.batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE).to(device);
            if (settings.infer) {
                net.eval();
                results.add(net.forward(input).toFloats());
            } else {
                Tensor labels = Tensor.of(y, settings.batch).to(device);
                Tensor loss = crossEntropy(net.forward(input), labels);
                adam.zeroGrad();
                loss.backward();
                adam.step();
                results.add(new float[] {(float) loss.item()});
            }
        }
        net.parameters().forEach(w -> results.add(w.toFloats()));
        return results;
    }

    /**
     * Compares two runs bit by bit.
     *
     * @throws DifferentStepsException naming the first step or parameter that differs
     */
    static void requireSame(List<float[]> taken, List<float[]> ordinary, int steps) {
        if (taken.size() != ordinary.size()) {
            throw new DifferentStepsException(
                    taken.size() + " results, the ordinary loop has " + ordinary.size());
        }
        for (int i = 0; i < taken.size(); i++) {
            int at = Arrays.mismatch(bits(taken.get(i)), bits(ordinary.get(i)));
            if (at >= 0) {
                throw new DifferentStepsException(
                        (i < steps ? "step " + (i + 1) : "parameter " + (i - steps))
                                + " differs from the ordinary loop at element "
                                + at
                                + ": "
                                + value(taken.get(i), at)
                                + ", there "
                                + value(ordinary.get(i), at));
            }
        }
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToRawIntBits(x[i]);
        }
        return bits;
    }

    private static String value(float[] x, int i) {
        return i < x.length ? "" + x[i] : "nothing";
    }
}
