package io.github.cortado.gpucheck;

import static io.github.cortado.nn.Functional.crossEntropy;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Answer;
import io.github.cortado.benchmarks.Arguments;
import io.github.cortado.benchmarks.Program;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long it takes from the start of Java until a device has computed something, as lines of JSON,
 * each with all that is known by then and what comes next: milliseconds until it is open, until the
 * first kernel's result is read, and until LeNet's first and second training step are; with what
 * the device says of itself. With {@code --smoke} it goes on with {@link Smoke}.
 */
public final class StartUp {
    /** Why the device cannot be used. */
    static final String UNUSABLE = "unusable";

    /** What a line says comes next. */
    static final String NEXT = "next";

    private static final String HEAP = "2g";

    /** A batch with which a step takes no more than a second where there is no GPU. */
    private static final int SMALL = 1;

    private final Map<String, Object> found = new LinkedHashMap<>();
    private final Answer answer = new Answer(System.out);

    private StartUp() {}

    /**
     * Runs the program: {@code --device --batch --smoke --smi FILE}. Without the device, or where
     * it computes what it should not, it says why, with code 3.
     */
    public static void main(String[] line) {
        int code = 2;
        StartUp start = new StartUp();
        try {
            Map<String, String> defaults = new LinkedHashMap<>();
            defaults.put("device", "cuda");
            defaults.put("batch", "100");
            defaults.put("smoke", "false");
            defaults.put("smi", "");
            start.run(Arguments.parse(List.of(line), defaults));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("StartUp: " + e.getMessage());
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            e.printStackTrace();
            String why = e instanceof IllegalStateException ? e.getMessage() : e.toString();
            start.found.put(UNUSABLE, String.valueOf(why));
            start.answer.whole(start.found);
            code = 3;
        }
        System.exit(code);
    }

    /**
     * The program in a process of its own.
     *
     * @param small with a batch that takes little time even on a CPU
     */
    static Program program(Run run, Setup setup, boolean small) {
        return run.java(
                setup,
                HEAP,
                StartUp.class.getName(),
                "--device",
                run.device(),
                "--batch",
                small ? "" + SMALL : "100");
    }

    /**
     * The same, as the first process on a device.
     *
     * @param smi where {@code nvidia-smi} is
     */
    static Program smoke(Run run, Setup setup, Optional<Path> smi) {
        List<String> words = new ArrayList<>(List.of("--device", run.device(), "--smoke"));
        smi.ifPresent(file -> words.addAll(List.of("--smi", file.toString())));
        return run.java(setup, HEAP, StartUp.class.getName(), words.toArray(String[]::new));
    }

    private void run(Arguments a) {
        time("java_milliseconds", "opening the device");
        Device device = Device.of(a.text("device"));
        found.put("device", device.description());
        found.put("report", device.backend().report());
        time("open_milliseconds", "the first kernel");
        relu(Tensor.of(new float[] {1, -2}, 2).to(device)).toFloats();
        time("first_kernel_milliseconds", "LeNet's first training step");
        Seed.manualSeed(0);
        LeNet net = new LeNet();
        net.to(device);
        Adam adam = new Adam(net.parameters(), 1e-3);
        boolean onGpu = a.text("device").startsWith(CheckOptions.CUDA);
        boolean emulated = device.description().contains(Machine.EMULATED);
        int batch = onGpu && !emulated ? a.count("batch") : SMALL;
        Tensor x = Tensor.full(0.5, batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE).to(device);
        Tensor y = Tensor.of(new long[batch], batch).to(device);
        for (String step : List.of("first", "second")) {
            adam.zeroGrad();
            Tensor loss = crossEntropy(net.forward(x), y);
            loss.backward();
            adam.step();
            loss.item();
            time(step + "_step_milliseconds", "what comes after LeNet's " + step + " step");
        }
        if (a.on("smoke")) {
            Optional<Path> smi = Optional.of(a.text("smi")).filter(f -> !f.isEmpty()).map(Path::of);
            new Smoke(device, batch, this::next).run(smi, found);
        }
        found.remove(NEXT);
        answer.whole(found);
    }

    /** Since the process began. */
    private void time(String what, String next) {
        long begun = ManagementFactory.getRuntimeMXBean().getStartTime();
        found.put(what, System.currentTimeMillis() - begun);
        next(next);
    }

    private void next(String what) {
        found.put(NEXT, what);
        answer.accept(found);
    }
}
