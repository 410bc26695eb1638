package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Device memory in segments, cut into blocks. A block that is given back may be taken again at
 * once: everything runs on one stream, so whoever wrote to it before has been asked to before. The
 * best fit is taken, the rest of it stays free, and free neighbours become one again.
 *
 * <p>With {@code -Dcortado.cuda.memory=exact}, every block is an allocation of its own, not a byte
 * longer than asked for, and nothing is used again: slow, and what a memory checker wants to see.
 */
final class Pool {
    static final String MODE = "cortado.cuda.memory";

    /** Blocks begin at multiples of this, as wide accesses and libraries want it. */
    private static final long ALIGNMENT = 512;

    private static final long SMALL = 1 << 20;
    private static final long SMALL_SEGMENT = 2 << 20;
    private static final long LARGE_SEGMENT = 32 << 20;

    private final TreeSet<Block> free =
            new TreeSet<>(
                    Comparator.comparingLong((Block b) -> b.bytes)
                            .thenComparingLong(b -> b.address));
    private final List<Block> segments = new ArrayList<>();
    private final boolean exact;
    private final Apart apart;
    private final Map<Long, Deque<Block>> prepared = new HashMap<>();
    private boolean held;
    private long reserved;

    /** How the driver is asked for memory, where it may not be asked at any time. */
    interface Apart {
        <R> R apart(Supplier<R> call);
    }

    /** A run of device memory; {@code before} and {@code after} are of the same segment. */
    static final class Block {
        final long address;
        private long bytes;
        private boolean inUse;
        private @Nullable Block before;
        private @Nullable Block after;
        private @Nullable Address segment;

        private Block(long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
        }
    }

    /** A pool that may ask the driver at any time. */
    Pool(boolean exact) {
        this(exact, Pool::atAnyTime);
    }

    Pool(boolean exact, Apart apart) {
        this.exact = exact;
        this.apart = apart;
    }

    private static <R> R atAnyTime(Supplier<R> call) {
        return call.get();
    }

    /** Whether every block is an allocation of its own. */
    boolean isExact() {
        return exact;
    }

    /** Bytes taken from the driver. */
    long reserved() {
        return reserved;
    }

    /** A block of at least that many bytes; null where the driver has no memory for it. */
    @Nullable Block take(long bytes) {
        long wanted = exact ? bytes : rounded(bytes);
        Block fit = exact ? null : free.ceiling(new Block(0, wanted));
        if (fit == null) {
            fit = segment(wanted);
            if (fit == null) {
                return null;
            }
        } else {
            free.remove(fit);
        }
        fit.inUse = true;
        if (fit.bytes - wanted >= ALIGNMENT) {
            Block rest = new Block(fit.address + wanted, fit.bytes - wanted);
            rest.before = fit;
            rest.after = fit.after;
            if (rest.after != null) {
                rest.after.before = rest;
            }
            fit.after = rest;
            fit.bytes = wanted;
            free.add(rest);
        }
        return fit;
    }

    private static long rounded(long bytes) {
        return (Math.max(bytes, 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private @Nullable Block segment(long wanted) {
        if (exact) {
            Deque<Block> ready = prepared.get(wanted);
            return ready == null || ready.isEmpty() ? reserve(wanted) : ready.remove();
        }
        long bytes =
                wanted <= SMALL
                        ? SMALL_SEGMENT
                        : wanted <= LARGE_SEGMENT / 2 ? LARGE_SEGMENT : roundedUp(wanted);
        Block whole = reserve(bytes);
        // Where memory is short, what was asked for may still fit.
        return whole == null && bytes > wanted ? reserve(wanted) : whole;
    }

    private static long roundedUp(long bytes) {
        return (bytes + SMALL_SEGMENT - 1) / SMALL_SEGMENT * SMALL_SEGMENT;
    }

    private @Nullable Block reserve(long bytes) {
        Address address = new Address();
        String what = "taking " + bytes + " bytes of memory";
        if (!apart.apart(() -> Driver.fits(cuMemAlloc(address, bytes), what))) {
            return null;
        }
        Block whole = new Block(address.get(), bytes);
        whole.segment = address;
        segments.add(whole);
        reserved += bytes;
        return whole;
    }

    /**
     * Takes memory before it is needed; false where it does not fit.
     *
     * @param bytes of one segment, unless this pool is exact
     * @param sizes of the blocks of an exact pool
     */
    boolean prepare(long bytes, List<Long> sizes) {
        if (!exact) {
            if (bytes <= 0) {
                return true;
            }
            Block whole = reserve(roundedUp(bytes));
            return whole != null && free.add(whole);
        }
        for (long size : sizes) {
            Block block = reserve(size);
            if (block == null) {
                return false;
            }
            prepared.computeIfAbsent(size, s -> new ArrayDeque<>()).add(block);
        }
        return true;
    }

    /** Gives a block back. */
    void give(Block block) {
        assert block.inUse : "a block is given back twice";
        block.inUse = false;
        Block b = block;
        if (b.after != null && !b.after.inUse) {
            free.remove(b.after);
            join(b, b.after);
        }
        if (b.before != null && !b.before.inUse) {
            free.remove(b.before);
            Block left = b.before;
            join(left, b);
            b = left;
        }
        free.add(b);
        if (exact && !held) {
            trim();
        }
    }

    /**
     * Says whether what is given back stays allocated: as long as a step or a {@link Repetition} is
     * recorded, and in a step's arena for good, since the graph writes to it again.
     */
    void hold(boolean now) {
        held = now;
        if (exact && !now) {
            trim();
        }
    }

    private static void join(Block left, Block right) {
        left.bytes += right.bytes;
        left.after = right.after;
        if (left.after != null) {
            left.after.before = left;
        }
    }

    /** Returns every segment that is free as a whole to the driver, unless they are held. */
    void trim() {
        if (held) {
            return;
        }
        segments.removeIf(
                first -> {
                    if (first.inUse || first.after != null) {
                        return false;
                    }
                    Driver.check(cuMemFree(first.segment), "giving memory back");
                    free.remove(first);
                    reserved -= first.bytes;
                    return true;
                });
    }

    /** Returns all segments to the driver, blocks in use or not. */
    void close() {
        for (Block first : segments) {
            Driver.check(cuMemFree(first.segment), "giving memory back");
        }
        segments.clear();
        prepared.clear();
        free.clear();
        reserved = 0;
    }
}
