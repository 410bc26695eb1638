package io.github.cortado.benchmarks.gpu;

import static io.github.cortado.nn.Functional.crossEntropy;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Arguments;
import io.github.cortado.benchmarks.LeNet;
import io.github.cortado.benchmarks.Program;
import io.github.cortado.io.Json;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long it takes from the start of Java until a device has computed something, as one line of
 * JSON: milliseconds until it is open, until the first kernel's result is read, and until LeNet's
 * first and second training step are; with what the device says of itself.
 */
public final class StartUp {
    private final Map<String, Object> found = new LinkedHashMap<>();

    private StartUp() {}

    /** Runs the program: {@code --device --batch}. Without the device it says why, with code 3. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Map<String, String> defaults = new LinkedHashMap<>();
            defaults.put("device", "cuda");
            defaults.put("batch", "100");
            Arguments a = Arguments.parse(List.of(line), defaults);
            System.out.println(Json.write(new StartUp().run(a.text("device"), a.count("batch"))));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("StartUp: " + e.getMessage());
        } catch (IllegalStateException e) {
            System.out.println(Json.write(Map.of("unusable", String.valueOf(e.getMessage()))));
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
                StartUp.class.getName(),
                "--device",
                run.device(),
                "--batch",
                small ? "2" : "100");
    }

    private Map<String, Object> run(String name, int batch) {
        note("java_milliseconds");
        Device device = Device.of(name);
        note("open_milliseconds");
        relu(Tensor.of(new float[] {1, -2}, 2).to(device)).toFloats();
        note("first_kernel_milliseconds");
        Seed.manualSeed(0);
        LeNet net = new LeNet();
        net.to(device);
        Adam adam = new Adam(net.parameters(), 1e-3);
        Tensor x = Tensor.full(0.5, batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE).to(device);
        Tensor y = Tensor.of(new long[batch], batch).to(device);
        for (String step : List.of("first", "second")) {
            adam.zeroGrad();
            Tensor loss = crossEntropy(net.forward(x), y);
            loss.backward();
            adam.step();
            loss.item();
            note(step + "_step_milliseconds");
        }
        found.put("device", device.description());
        found.put("report", device.backend().report());
        return found;
    }

    /** Since the process began. */
    private void note(String what) {
        long begun = ManagementFactory.getRuntimeMXBean().getStartTime();
        found.put(what, System.currentTimeMillis() - begun);
    }
}
