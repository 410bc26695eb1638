package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.Threads;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** What computes. */
final class DeviceOptions {
    private static final Set<String> NAMES = Set.of("cpu", "cpu-scalar", "cuda");

    @Option(
            names = "--device",
            defaultValue = "cpu",
            paramLabel = "cpu|cpu-scalar|cuda",
            description = "What to compute on (default: ${DEFAULT-VALUE}).")
    String name = "cpu";

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads of the CPU backend (default: one for each processor).")
    int threads;

    @Option(
            names = "--tf32",
            description = {
                "Let matrix products and convolutions round to TF32, where the device is",
                "faster with it (default: float32 throughout)."
            })
    boolean tf32;

    /**
     * Opens the device.
     *
     * @throws UserErrorException where there is none of that name, or it cannot be used here
     */
    Device open() {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!NAMES.contains(lower)) {
            throw UserErrorException.usage(
                    "--device: expected cpu, cpu-scalar or cuda, got '%s'", name);
        }
        if (threads < 0) {
            throw UserErrorException.usage("--threads: expected 1 or more, got %d", threads);
        }
        if (threads > 0) {
            Threads.setCount(threads);
        }
        try {
            Device device = Device.of(lower);
            if (tf32 && !device.allowTf32(true)) {
                throw UserErrorException.usage(
                        "--tf32: device %s does not compute in TF32", device.name());
            }
            return device;
        } catch (IllegalStateException e) {
            throw UserErrorException.usage("--device: %s", Reason.of(e));
        }
    }

    /**
     * Threads that make batches ahead, where the user does not say: none where training takes all
     * processors anyway.
     */
    static int workers(Device device) {
        boolean allTaken = Threads.count() >= Runtime.getRuntime().availableProcessors();
        return Training.isOnCpu(device) && allTaken ? 0 : 1;
    }
}
