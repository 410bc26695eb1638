package io.github.cortado.autograd;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Scope;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The result of an operation whose values nobody has asked for yet. What comes next may compute
 * them along with its own, or never: a chain of pointwise functions runs as one formula, and a
 * convolution whose ReLU is pooled is never stored.
 *
 * <p>What an operation means was settled when it was written: shapes were checked, its gradient was
 * recorded, its place in the stream of random numbers was taken. What it reads does not change
 * under it: {@link #settle} computes what is still open before a value is overwritten. One that was
 * computed along with another and not stored is computed again if somebody does ask; after an
 * optimizer's step has overwritten what it was computed from that is an error.
 */
public abstract class Pending {
    /** {@code off}: every result is computed where it is written. */
    public static final String PROPERTY = "cortado.fusion";

    private static final boolean IS_ON = !"off".equals(System.getProperty(PROPERTY));
    private static final AtomicLong COUNT = new AtomicLong();

    /**
     * Results that may wait for one: what nobody reads, such as a sum that only grows, does not
     * take ever more memory.
     */
    private static final int MOST_BEFORE = 12;

    private final String op;
    private final Device device;
    private final DType dtype;
    private final Shape shape;
    private final long number = COUNT.getAndIncrement();
    private final Thread owner = Thread.currentThread();
    private final @Nullable Scope scope = Scope.current();
    private final Sources sources;
    private volatile @Nullable Buffer result;
    private int uses;
    private boolean isSaved;

    /** The longest way back to values that are there. */
    private int before;

    private final Reader reader = new Reader(this);

    /**
     * A result like {@code like}, of another shape.
     *
     * @param inputs what it is computed from
     */
    protected Pending(String op, Tensor like, Shape shape, List<Tensor> inputs) {
        this.op = op;
        this.device = like.device();
        this.dtype = like.dtype();
        this.shape = shape;
        this.sources = new Sources(inputs);
    }

    /** The number that the next result will have. */
    static long next() {
        return COUNT.get();
    }

    /** Notes that what follows computes this result along, or does without it. */
    protected final void use() {
        uses++;
        Open.ofThisThread().used(this);
    }

    /** Whether results are left open on this thread. */
    public static boolean isOn() {
        return IS_ON && !Open.ofThisThread().isPaused();
    }

    /** Every result is computed where it is written, on this thread, until this is closed. */
    public static Autograd.Pause pause() {
        return Open.ofThisThread().pause();
    }

    /**
     * Computes what this thread has left open and what reads {@code x}, before x is overwritten.
     */
    public static void settle(Tensor x) {
        for (Pending p : Open.ofThisThread().readers(x)) {
            // One may have been computed for another.
            if (!p.isSettled()) {
                p.beforeWrite(x);
            }
        }
    }

    /**
     * Computes all that this thread has left open, but for what was computed along with something
     * else and not stored: that is not to be had after what follows.
     */
    public static void settleAll() {
        Open.ofThisThread().settleAll();
    }

    /** Computes what this thread has left open and what nothing was made of. */
    public static void settleUnused() {
        Open.ofThisThread().settleUnused();
    }

    /**
     * As {@link #settleUnused}, and what was computed along with something else and not stored, as
     * far as somebody still has it: after what follows it would be computed in another way.
     */
    public static void settleUsedToo() {
        Open.ofThisThread().settleUsedToo();
    }

    /** Notes what was computed in one, for {@link #fusedIn}. */
    public static void fused(String what) {
        Open.ofThisThread().fused(what);
    }

    /** What is computed in one while {@code work} runs, and how often. */
    public static Map<String, Integer> fusedIn(Runnable work) {
        return Open.ofThisThread().fusedIn(work);
    }

    /** Does what has to be done before x is overwritten, which the values are computed from. */
    protected void beforeWrite(Tensor x) {
        settle();
    }

    /** Reads, of inputs that lie in the memory of x, copies from now on. */
    protected final synchronized void copyInputs(Tensor x) {
        sources.copy(x);
    }

    /**
     * Computes the values, unless what they are computed from was given back, or overwritten by
     * another thread: whoever does ask for them is told so.
     */
    void settle() {
        if (!isLost()) {
            buffer();
        }
    }

    /** Whether it cannot be computed any more. */
    boolean isLost() {
        return sources.isGone() || !sources.isUnchanged();
    }

    /** A tensor with this result. */
    public final Tensor tensor() {
        return Internals.tensor(this);
    }

    /** A tensor with this result, computed now unless it may be left open. */
    public final Tensor result() {
        for (Tensor input : inputs()) {
            Pending p = Internals.pending(input);
            if (p != null && p.before >= (joins() ? MOST_BEFORE : MOST_BEFORE / 2)) {
                p.buffer();
            } else if (p != null) {
                p.use();
                before = Math.max(before, p.before + 1);
            }
        }
        Tensor y = tensor();
        if (isOn()) {
            Open.ofThisThread().add(this);
        } else {
            buffer();
        }
        return y;
    }

    /**
     * Whether it may take in what comes before it: the better place to end a long way is where not.
     */
    protected boolean joins() {
        return true;
    }

    /** Whether a formula may follow it part by part, see {@link Backend#followed}. */
    protected boolean mayBeFollowed() {
        return false;
    }

    /**
     * Whether what follows it may overwrite it: computed again, it is the same. In training an
     * optimizer's step would make that an error.
     */
    public boolean mayBeOverwritten() {
        return false;
    }

    /** Whether it waits for one alone that reads it so often, and that may follow it. */
    public final boolean isFollowed(int reads) {
        return isOpenHere() && uses == reads && mayBeFollowed();
    }

    /** Computes the values. */
    protected abstract void compute(Buffer y);

    /** Computes the values along with what follows them: they are not noted. */
    public final void into(Buffer y) {
        checkUnchanged();
        compute(y);
    }

    /** Memory for the values, in the scope that this was written in, whoever computes it. */
    public final Buffer empty() {
        try (var home = Scope.enter(scope)) {
            return device.backend().empty(dtype, shape.size());
        }
    }

    /** The values, computed now if nobody has asked before. */
    public final Buffer buffer() {
        Buffer values = result;
        return values == null ? computed(null) : values;
    }

    /** Computes the values, if nobody has, to where they are to lie: given memory or their own. */
    synchronized Buffer computed(@Nullable Buffer given) {
        Buffer values = result;
        if (values == null) {
            checkUnchanged();
            List<Tensor> lent = sources.lent();
            try (var noGrad = Autograd.noGrad();
                    var home = Scope.enter(scope)) {
                values = given != null ? given : empty();
                compute(values);
            }
            VarHandle.loadLoadFence();
            // What another thread gave back meanwhile may have been used for something else.
            lent.forEach(Tensor::buffer);
            settled(values);
        }
        return values;
    }

    /**
     * Notes the values, which may have been computed along with another's.
     *
     * @throws IllegalStateException if another thread has overwritten meanwhile what they were
     *     computed from
     */
    public final synchronized void settled(Buffer values) {
        if (result != null) {
            // Another thread has asked in the meantime, and what it got is what there is.
            return;
        }
        VarHandle.loadLoadFence();
        checkUnchanged();
        if (scope != null) {
            scope.releaseIfClosed(values);
        }
        result = values;
        if (owner == Thread.currentThread()) {
            // Else the owner may be about to compute it along with something else, from these.
            sources.forget();
        }
        reader.settled(values);
        Open.ofThisThread().remove(this);
    }

    private void checkUnchanged() {
        if (!sources.isUnchanged()) {
            throw new IllegalStateException(
                    op
                            + ": this result of shape "
                            + shape
                            + " was computed along with what followed and not stored, and what it"
                            + " was computed from has changed since; read it, or call keep() on"
                            + " it, before");
        }
    }

    /** Whether the values are there. */
    public final boolean isSettled() {
        return result != null;
    }

    /** The values, if they are there. */
    public final @Nullable Buffer values() {
        return result;
    }

    /** Notes that a gradient will read these values: what computes them stores them as well. */
    public final void save() {
        isSaved = true;
    }

    /** Whether a gradient will read these values. */
    public final boolean isSaved() {
        return isSaved;
    }

    /** How many pending results were made of it. */
    public final int uses() {
        return uses;
    }

    /** Whether this thread may compute it along with something else, and has not yet. */
    public final boolean isOpenHere() {
        return owner == Thread.currentThread() && !isSettled();
    }

    /**
     * Whether what was made of it, one thing, is all that becomes of it, and may compute it along.
     */
    public final boolean isForOneAlone() {
        return isOpenHere() && uses == 1 && !isSaved;
    }

    final Reader reader() {
        return reader;
    }

    /** Whether computing it now would read {@code x}. */
    boolean reads(Tensor x) {
        return reads(Internals.pending(x), x);
    }

    private boolean reads(@Nullable Pending p, Tensor x) {
        if (isSettled()) {
            return false;
        }
        for (Tensor input : inputs()) {
            Pending from = Internals.pending(input);
            if (from == null
                    ? p == null && input.sharesMemoryWith(x)
                    : from == p || from.reads(p, x)) {
                return true;
            }
        }
        return false;
    }

    /** Adds the memory that these values are, or will be computed from. */
    public final void addMemory(Set<Object> all) {
        // In this order: what another thread computes meanwhile forgets its inputs last.
        List<Tensor> from = inputs();
        Buffer values = result;
        if (values != null) {
            all.add(values.memory());
            return;
        }
        for (Tensor input : from) {
            Internals.addMemory(input, all);
        }
    }

    /** What it is computed from. */
    public final List<Tensor> inputs() {
        return sources.inputs();
    }

    final Sources sources() {
        return sources;
    }

    /** Grows from one result to the next. */
    public final long number() {
        return number;
    }

    /** Name of the operation. */
    public final String op() {
        return op;
    }

    /** Where it is computed. */
    public final Device device() {
        return device;
    }

    /** Type of its elements. */
    public final DType dtype() {
        return dtype;
    }

    /** Its shape. */
    public final Shape shape() {
        return shape;
    }
}
