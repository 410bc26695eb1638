package io.github.cortado.examples;

import io.github.cortado.Device;
import io.github.cortado.Threads;
import picocli.CommandLine.Option;

/** What computes. */
public final class DeviceOption {
    @Option(
            names = "--device",
            defaultValue = "cpu",
            paramLabel = "cpu|cpu-scalar|cuda",
            description = "What to compute on (default: ${DEFAULT-VALUE}).")
    private String name = "cpu";

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads of the CPU backend (default: one for each processor).")
    private int threads;

    /**
     * Opens the device.
     *
     * @throws UserErrorException where there is none of that name, or it cannot be used here
     */
    public Device open() {
        if (threads < 0) {
            throw UserErrorException.usage("--threads: expected 1 or more, got %d", threads);
        }
        if (threads > 0) {
            Threads.setCount(threads);
        }
        try {
            return Device.of(name);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw UserErrorException.usage("--device: %s", e.getMessage());
        }
    }
}
