package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.StepValue;
import java.nio.ByteBuffer;
import jcuda.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * One launch of a kernel: its grid, then its arguments in their order, then {@link #run}. Arguments
 * are written to native memory once, which makes a launch tens of times cheaper than a pointer
 * object for each of them. Every thread has one of these and uses it again and again.
 */
final class Launch {
    /** Threads in a block, unless a kernel wants another number. */
    static final int BLOCK = 256;

    private static final int MAX_ARGUMENTS = 32;
    private static final int BYTES = 4096;
    private static final int FIRST = MAX_ARGUMENTS * Long.BYTES;

    private final Gpu gpu;
    private final long base;
    private final ByteBuffer memory;
    private final Pointer arguments;
    private Kernel kernel = Kernel.RELU;
    private int count;
    private int gridX;
    private int gridY;
    private int gridZ;
    private int blockX;
    private int blockY;
    private int sharedBytes;

    Launch(Gpu gpu) {
        this.gpu = gpu;
        HostMemory host;
        try (Gpu.Turn t = gpu.turn()) {
            host = new HostMemory(BYTES);
        }
        base = host.address();
        memory = host.bytes();
        arguments = new Raw(base);
    }

    Launch begin(Kernel k) {
        kernel = k;
        count = 0;
        memory.position(FIRST);
        blockX = BLOCK;
        blockY = 1;
        sharedBytes = 0;
        return grid(1);
    }

    Launch grid(int x) {
        return grid(x, 1, 1);
    }

    Launch grid(int x, int y, int z) {
        gridX = x;
        gridY = y;
        gridZ = z;
        return this;
    }

    Launch block(int x, int y) {
        blockX = x;
        blockY = y;
        return this;
    }

    /** Bytes of dynamic shared memory for each block. */
    Launch shared(int bytes) {
        sharedBytes = bytes;
        return this;
    }

    /** The address of a buffer, null for none. */
    Launch pointer(@Nullable Buffer buffer) {
        return int64(Gpu.address(buffer));
    }

    Launch int32(int v) {
        argument().putInt(v);
        return this;
    }

    Launch int64(long v) {
        argument().putLong(v);
        return this;
    }

    Launch float32(double v) {
        argument().putFloat((float) v);
        return this;
    }

    /** Two arguments: where a recorded step finds the number, and its value otherwise. */
    Launch step(StepValue value) {
        return int64(gpu.slot(value)).int64(value.bits());
    }

    /** An argument of any other form: its fields are to be put one after another. */
    ByteBuffer struct() {
        return argument();
    }

    /** The same of so many bytes, whose fields may be put in any order, by their offsets too. */
    ByteBuffer struct(int bytes) {
        ByteBuffer all = argument();
        int at = all.position();
        all.position(at + bytes);
        return all.slice(at, bytes).order(all.order());
    }

    private ByteBuffer argument() {
        int at = (memory.position() + 15) & ~15;
        memory.putLong(count++ * Long.BYTES, base + at);
        return memory.position(at);
    }

    /** Puts the launch on the GPU's stream. */
    void run() {
        try (Gpu.Turn t = gpu.turn()) {
            Driver.check(
                    cuLaunchKernel(
                            gpu.kernels().get(kernel),
                            gridX,
                            gridY,
                            gridZ,
                            blockX,
                            blockY,
                            1,
                            sharedBytes,
                            gpu.stream(),
                            arguments,
                            null),
                    "launching kernel " + kernel.function());
        }
    }
}
