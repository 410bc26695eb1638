package io.github.cortado;

import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendUnavailableException;
import io.github.cortado.backend.Backends;
import io.github.cortado.backend.Buffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Where tensors live and what computes on them: {@code cpu} (the fastest backend that runs here),
 * {@code cpu-vector}, {@code cpu-scalar}, {@code cuda:0}, ...
 */
public final class Device {
    private static final System.Logger LOG = System.getLogger("io.github.cortado");
    private static final Map<String, Device> OPEN = new ConcurrentHashMap<>();

    private final String name;
    private final Backend backend;
    private final Map<DType, Buffer> ones = new ConcurrentHashMap<>();

    private Device(String name, Backend backend) {
        this.name = name;
        this.backend = backend;
    }

    /**
     * The CPU, computed on by the Vector API where that is available, else by the scalar backend; a
     * line in the log says why it is not.
     */
    public static Device cpu() {
        return OPEN.computeIfAbsent("cpu", name -> new Device(name, fastestCpu()));
    }

    /** The scalar CPU backend: slow, simple, and the one that also computes in float64. */
    public static Device cpuScalar() {
        return of("cpu-scalar");
    }

    /**
     * The first NVIDIA GPU.
     *
     * @throws IllegalStateException with the reason, if there is none that can be used
     */
    public static Device cuda() {
        return of("cuda:0");
    }

    /** The first NVIDIA GPU if it can be used, else the CPU; a line in the log says why. */
    public static Device best() {
        Backends found = Backends.found();
        if (found.get("cuda:0").isPresent()) {
            return cuda();
        }
        LOG.log(
                System.Logger.Level.INFO,
                "Using the CPU: {0}",
                found.whyNot("cuda:0").getMessage());
        return cpu();
    }

    /**
     * The device of that name.
     *
     * @throws IllegalStateException with the reason, if it cannot be used here
     */
    public static Device of(String name) {
        if (name.equals("cpu")) {
            return cpu();
        }
        return OPEN.computeIfAbsent(
                name.equals("cuda") ? "cuda:0" : name, n -> new Device(n, required(n)));
    }

    private static Backend required(String name) {
        Optional<Backend> backend = Backends.found().get(name);
        if (backend.isPresent()) {
            return backend.get();
        }
        BackendUnavailableException reason = Backends.found().whyNot(name);
        throw new IllegalStateException(
                "device " + name + " cannot be used: " + reason.getMessage(), reason);
    }

    private static Backend fastestCpu() {
        Optional<Backend> vector = Backends.found().get("cpu-vector");
        if (vector.isPresent()) {
            return vector.get();
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "Using the slow scalar CPU backend: {0}",
                Backends.found().whyNot("cpu-vector").getMessage());
        return required("cpu-scalar");
    }

    /** The name, as {@link #of} takes it. */
    public String name() {
        return name;
    }

    /** One line on what computes here: backend, vector width, threads. */
    public String description() {
        return backend.description();
    }

    /** What computes here; for authors of operations. */
    public Backend backend() {
        return backend;
    }

    /**
     * Prepares a training step to be run as a whole; see {@link CompiledStep}. On the CPU the step
     * is simply run.
     */
    public <T> CompiledStep<T> compile(Supplier<T> step) {
        return new SettledStep<>(backend, step);
    }

    /** Waits until everything asked of this device is done; for measuring time. */
    public void synchronize() {
        Pending.settleUnused();
        backend.synchronize();
    }

    /**
     * Nanoseconds that this device takes for what {@code work} asks of it: on a GPU by its own
     * clock, without the time to ask.
     */
    public long nanoseconds(Runnable work) {
        Pending.settleUnused();
        return backend.nanoseconds(
                () -> {
                    work.run();
                    Pending.settleUnused();
                });
    }

    /** Bytes that tensors hold in the device's own memory; 0 on the CPU, where Java counts. */
    public long bytesInUse() {
        return backend.bytesInUse();
    }

    /**
     * Lets matrix products and convolutions round their inputs to TF32 (10 bits of mantissa), where
     * the device is faster with it. Off at first: float32 is computed in float32.
     *
     * @return whether the device does so from now on
     */
    public boolean allowTf32(boolean allowed) {
        Pending.settleUsedToo();
        return backend.allowTf32(allowed);
    }

    /** A buffer that holds one number, 1: the gradient of a loss by itself. */
    Buffer one(DType dtype) {
        return ones.computeIfAbsent(
                dtype,
                type -> {
                    Buffer one = backend.allocate(type, 1);
                    one.keep();
                    backend.fill(one, 1);
                    return one;
                });
    }

    /** Whether {@code gradient} is known to be the number 1, without reading it. */
    public boolean isOne(Tensor gradient) {
        return gradient.buffer() == ones.get(gradient.dtype());
    }

    /** Whether tensors of both devices can meet in one operation. */
    public boolean sameAs(Device other) {
        return backend == other.backend;
    }

    @Override
    public String toString() {
        return name;
    }
}
