package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuMemGetInfo;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A GPU's memory as Java sees it. An allocation ends when it is freed, or when the garbage
 * collector finds that nothing refers to it. Java does not notice how full the GPU is, so it is
 * asked to collect when more than the budget has been taken since it last did, and when memory runs
 * out. Called under the GPU's lock only.
 */
final class DeviceMemory {
    /**
     * MiB that may be taken before the garbage collector is asked; an eighth of the memory else.
     */
    static final String BUDGET = "cortado.cuda.gcBudget";

    private static final int WAITS = 20;
    private static final long WAIT_MILLIS = 10;

    private final Pool pool = new Pool("exact".equals(System.getProperty(Pool.MODE)));
    private final long total;
    private final long budget;
    private final ReferenceQueue<Allocation> unreachable = new ReferenceQueue<>();
    private final Set<Owner> owners = Collections.newSetFromMap(new IdentityHashMap<>());
    private long inUse;
    private long inUseAfterCollection;
    private @Nullable Watch watch;
    private @Nullable Pool arena;

    DeviceMemory(long total) {
        this.total = total;
        this.budget = Long.getLong(BUDGET, Math.max(total >> 23, 64)) << 20;
    }

    /**
     * What a piece of code needed.
     *
     * @param peak bytes that were in use at the same time at most, beyond those before
     * @param sizes of all that was taken, in bytes; kept only for exact pools, which take each anew
     */
    record Demand(long peak, List<Long> sizes) {
        static final Demand NONE = new Demand(0, List.of());
    }

    private static final class Watch {
        final long before;
        final List<Long> sizes = new ArrayList<>();
        long most;

        Watch(long before) {
            this.before = before;
            this.most = before;
        }
    }

    /** A piece of device memory that buffers are views of. */
    static final class Allocation {
        private final long address;
        private final Owner owner;
        private @Nullable String gone;

        private Allocation(DeviceMemory memory, Pool pool, Pool.@Nullable Block block, long bytes) {
            this.address = block == null ? 0 : block.address;
            this.owner = new Owner(this, memory, pool, block, bytes);
            memory.owners.add(owner);
        }

        long address() {
            return address;
        }

        /** Why the memory is no longer there, whoever refers to it; null while it is. */
        @Nullable String gone() {
            return gone;
        }

        /** Notes that the memory has gone with the pool that it came from. */
        void isGone(String why) {
            gone = why;
        }

        /** Gives the memory back; the second time nothing happens. */
        void free() {
            owner.free();
        }
    }

    /** What is left of an allocation when nothing refers to it: its block. */
    private static final class Owner extends PhantomReference<Allocation> {
        private final DeviceMemory memory;
        private final Pool pool;
        private Pool.@Nullable Block block;
        private final long bytes;

        Owner(
                Allocation allocation,
                DeviceMemory memory,
                Pool pool,
                Pool.@Nullable Block block,
                long bytes) {
            super(allocation, memory.unreachable);
            this.memory = memory;
            this.pool = pool;
            this.block = block;
            this.bytes = bytes;
        }

        void free() {
            memory.owners.remove(this);
            clear();
            Pool.Block mine = block;
            if (mine != null) {
                block = null;
                pool.give(mine);
                memory.inUse -= bytes;
            }
        }
    }

    /**
     * Memory for {@code bytes} bytes.
     *
     * @throws OutOfMemoryError saying how much was wanted, is in use and is free
     */
    Allocation allocate(long bytes) {
        drain();
        Pool from = arena == null ? pool : arena;
        if (bytes == 0) {
            return new Allocation(this, from, null, 0);
        }
        if (arena == null && inUse + bytes - inUseAfterCollection > budget) {
            collect();
        }
        Pool.Block block = from.take(bytes);
        if (block == null) {
            collect();
            block = from.take(bytes);
        }
        if (block == null && arena == null) {
            pool.trim();
            block = from.take(bytes);
        }
        if (block == null) {
            throw new OutOfMemoryError(message(bytes));
        }
        inUse += bytes;
        if (watch != null) {
            watch.most = Math.max(watch.most, inUse);
            if (pool.isExact()) {
                watch.sizes.add(bytes);
            }
        }
        return new Allocation(this, from, block, bytes);
    }

    private String message(long wanted) {
        Pool recorded = arena;
        long reserved = pool.reserved() + (recorded == null ? 0 : recorded.reserved());
        return String.format(
                        Locale.ROOT,
                        "GPU memory: %,d bytes are wanted; tensors use %,d, and %,d taken from the driver are"
                                + " cut too small, of %,d that the GPU has the driver can give %,d; smaller"
                                + " batches need less",
                        wanted,
                        inUse,
                        reserved - inUse,
                        total,
                        free())
                + (recorded == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                "; a step is being recorded, which has %,d bytes of its own",
                                recorded.reserved()));
    }

    /** Bytes that the driver could still give. */
    long free() {
        long[] free = new long[1];
        Driver.check(cuMemGetInfo(free, new long[1]), "asking for free memory");
        return free[0];
    }

    /** Frees what the garbage collector has found unreachable so far. */
    private boolean drain() {
        boolean any = false;
        for (var owner = unreachable.poll(); owner != null; owner = unreachable.poll()) {
            ((Owner) owner).free();
            any = true;
        }
        return any;
    }

    /** Asks for a collection and waits a little for what it finds. */
    private void collect() {
        System.gc();
        try {
            for (int i = 0; i < WAITS; i++) {
                // What is found comes to the queue a moment after the collection.
                var owner = unreachable.remove(WAIT_MILLIS);
                if (owner == null) {
                    break;
                }
                ((Owner) owner).free();
                drain();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inUseAfterCollection = inUse;
    }

    long inUse() {
        drain();
        return inUse;
    }

    /** Begins to watch what is taken. */
    void startDemand() {
        watch = new Watch(inUse());
    }

    /** Ends that, and returns what was needed. */
    Demand endDemand() {
        Watch w = watch;
        watch = null;
        return w == null ? Demand.NONE : new Demand(w.most - w.before, List.copyOf(w.sizes));
    }

    /**
     * A pool of its own for a step that is to be recorded, with memory for what it needed before.
     *
     * @param apart how it takes more, where that was not enough
     */
    Pool arena(Demand demand, Pool.Apart apart) {
        Pool made = new Pool(pool.isExact(), apart);
        long bytes = demand.peak + demand.peak / 8;
        if (!made.prepare(bytes, demand.sizes) && !pool.isExact()) {
            // The step has run, so what it needed is in the usual pool, and free.
            pool.trim();
            made.prepare(bytes, demand.sizes);
        }
        return made;
    }

    /**
     * Says whether a graph writes to memory that is given back, so that the driver must not get it.
     */
    void hold(boolean now) {
        pool.hold(now);
    }

    long reserved() {
        return pool.reserved();
    }

    /** From now on memory comes from this pool; null goes back to the usual one. */
    void use(@Nullable Pool other) {
        arena = other;
        pool.hold(other != null);
        if (other != null) {
            other.hold(true);
        }
    }
}
