package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.StepNumber;
import io.github.cortado.backend.StepRecording;
import io.github.cortado.backend.StepValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The numbers of a recorded step in device memory, five longs each as {@code Slot} in {@code
 * step.cu}. The step's last kernel moves them on, and the same is reckoned here; where the host has
 * moved a number otherwise, such as a learning rate or what it computes from a count itself, all
 * are uploaded before the next run.
 */
final class Slots {
    private static final int MOST = 256;
    private static final int LONGS = 5;
    private static final int FIXED = 0;
    private static final int COUNT = 1;
    private static final int CORRECTION = 2;

    private final Gpu gpu;
    private final CudaBuffer onDevice;
    private final List<Slot> slots = new ArrayList<>();

    /** A reading of a number, so many moves after the step's beginning. */
    private static final class Slot {
        final StepNumber source;
        final long offset;
        long bits;
        long count;
        long perStep;

        Slot(StepValue value, StepNumber source, long offset) {
            this.source = source;
            this.offset = offset;
            this.bits = value.bits();
            this.count = value.count();
        }

        /** What the device should find at the beginning of the next step. */
        boolean isCurrent() {
            long now = source.count() + offset;
            return now == count && source.bits(now) == bits;
        }

        void set() {
            count = source.count() + offset;
            bits = source.bits(count);
        }

        void advance() {
            count += perStep;
            if (kind() != FIXED) {
                bits = source.bits(count);
            }
        }

        int kind() {
            return source instanceof StepNumber.Count
                    ? COUNT
                    : source instanceof StepNumber.Correction ? CORRECTION : FIXED;
        }
    }

    Slots(Gpu gpu) {
        this.gpu = gpu;
        this.onDevice = gpu.zeros(DType.INT64, MOST * LONGS);
        onDevice.keep();
        // No step as written launches this kernel, so nobody else has had it loaded.
        gpu.kernels().get(Kernel.ADVANCE);
    }

    /**
     * Where kernels find a reading made so many moves after the step's beginning. A number that
     * never changes is no reading: it goes into the recording as it is.
     */
    long address(StepValue value, long offset) {
        StepNumber source = Objects.requireNonNull(value.source());
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).source == source && slots.get(i).offset == offset) {
                return address(i);
            }
        }
        if (slots.size() == MOST) {
            throw new IllegalStateException(
                    "a recorded step reads more than " + MOST + " numbers that change");
        }
        slots.add(new Slot(value, source, offset));
        return address(slots.size() - 1);
    }

    private long address(int i) {
        return onDevice.address() + (long) i * LONGS * Long.BYTES;
    }

    /** Ends the recording: puts the kernel that moves the numbers on at the end of the step. */
    void close(StepRecording host) {
        for (Slot s : slots) {
            s.perStep = host.perStep(s.source);
        }
        if (!slots.isEmpty()) {
            gpu.launch(Kernel.ADVANCE, slots.size()).pointer(onDevice).int32(slots.size()).run();
        }
    }

    /** Uploads what the recording found, for its first run. */
    void upload() {
        if (slots.isEmpty()) {
            return;
        }
        long[] longs = new long[slots.size() * LONGS];
        for (int i = 0; i < slots.size(); i++) {
            Slot s = slots.get(i);
            longs[i * LONGS] = s.bits;
            longs[i * LONGS + 1] = s.count;
            longs[i * LONGS + 2] = s.perStep;
            longs[i * LONGS + 3] =
                    s.source instanceof StepNumber.Correction c
                            ? Double.doubleToRawLongBits(c.beta())
                            : 0;
            longs[i * LONGS + 4] = s.kind();
        }
        gpu.staging().upload(longs, onDevice.slice(0, longs.length));
    }

    /** Uploads the numbers, if the host has others than the device. */
    void uploadIfChanged() {
        boolean current = true;
        for (Slot s : slots) {
            current &= s.isCurrent();
        }
        if (!current) {
            slots.forEach(Slot::set);
            upload();
        }
    }

    /** Reckons what the device has after one more run. */
    void advance() {
        slots.forEach(Slot::advance);
    }

    void release() {
        gpu.free(onDevice.allocation());
    }
}
