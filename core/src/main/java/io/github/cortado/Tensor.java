package io.github.cortado;

import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.HookList;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.autograd.RemovableHandle;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.formula.Comparisons;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import io.github.cortado.ops.Arrange;
import io.github.cortado.ops.Cast;
import io.github.cortado.ops.Compare;
import io.github.cortado.ops.Draw;
import io.github.cortado.ops.Einsum;
import io.github.cortado.ops.Layout;
import io.github.cortado.ops.Matmul;
import io.github.cortado.ops.Max;
import io.github.cortado.ops.Order;
import io.github.cortado.ops.Pointwise;
import io.github.cortado.ops.Put;
import io.github.cortado.ops.Reduce;
import io.github.cortado.ops.Region;
import io.github.cortado.ops.Select;
import io.github.cortado.ops.Softmax;
import io.github.cortado.ops.Statistics;
import io.github.cortado.ops.Take;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers with a {@link Shape}, a {@link DType} and a {@link Device}; contiguous, row
 * by row. Operations make new tensors and, where an input {@linkplain #requiresGrad() requires a
 * gradient}, remember how to send gradients back.
 *
 * <p>Activations, losses and layers are in {@code io.github.cortado.nn}.
 */
public final class Tensor {
    private Device device;
    private final Shape shape;
    private volatile @Nullable Pending pending;
    private boolean requiresGrad;

    // These are Internals' too.
    @Nullable Buffer buffer;
    @Nullable Node node;
    @Nullable Tensor grad;
    @Nullable Buffer gradStorage;
    boolean gradStorageLent;
    @Nullable HookList<Function<Tensor, @Nullable Tensor>> hooks;

    /** A tensor over an existing buffer; for authors of operations. */
    public Tensor(Device device, Shape shape, Buffer buffer) {
        if (buffer.length() != shape.size()) {
            throw new ShapeException(
                    "tensor: shape "
                            + shape
                            + " has "
                            + shape.size()
                            + " elements, its data "
                            + buffer.length());
        }
        this.device = device;
        this.shape = shape;
        this.buffer = buffer;
    }

    /** A tensor whose values are computed when they are asked for. */
    Tensor(Pending pending) {
        this.device = pending.device();
        this.shape = pending.shape();
        this.pending = pending;
    }

    // Making tensors

    /** A tensor of zeros. */
    public static Tensor zeros(Device device, DType dtype, Shape shape) {
        checkComputes(device, dtype);
        return new Tensor(device, shape, device.backend().allocate(dtype, shape.size()));
    }

    /** Refuses numbers that the device does not compute in. */
    static void checkComputes(Device device, DType dtype) {
        if (dtype.isFloat() && !device.backend().supports(dtype)) {
            throw new IllegalArgumentException(
                    "device "
                            + device
                            + " does not compute in "
                            + dtype
                            + "; make it float32 with to(DType.FLOAT32) first, or use"
                            + " Device.cpuScalar() for all tensors");
        }
    }

    /** Float32 zeros on the CPU. */
    public static Tensor zeros(int... shape) {
        return zeros(Device.cpu(), DType.FLOAT32, Shape.of(shape));
    }

    /** Float32 ones on the CPU. */
    public static Tensor ones(int... shape) {
        return full(1, shape);
    }

    /** A float32 tensor on the CPU, every element {@code value}. */
    public static Tensor full(double value, int... shape) {
        Tensor y = zeros(shape);
        y.device.backend().fill(y.buffer(), value);
        return y;
    }

    /** 0, 1, 2, ... to below n, int64 on the CPU. */
    public static Tensor arange(int n) {
        long[] values = new long[n];
        Arrays.setAll(values, i -> i);
        return of(values, n);
    }

    /** So many float32 numbers on the CPU, evenly from {@code start} to {@code end}. */
    public static Tensor linspace(double start, double end, int steps) {
        float[] values = new float[steps];
        double step = steps > 1 ? (end - start) / (steps - 1) : 0;
        for (int i = 0; i < steps; i++) {
            // From the nearer end, so that both are exact.
            values[i] = (float) (2 * i < steps ? start + i * step : end - (steps - 1 - i) * step);
        }
        return of(values, steps);
    }

    /** The identity matrix [n, n], float32 on the CPU. */
    public static Tensor eye(int n) {
        float[] values = new float[n * n];
        for (int i = 0; i < n; i++) {
            values[i * n + i] = 1;
        }
        return of(values, n, n);
    }

    /** Float32 numbers on the CPU, drawn evenly from 0 to below 1, by the present seed. */
    public static Tensor rand(int... shape) {
        return Draw.uniform(Shape.of(shape));
    }

    /** Float32 numbers on the CPU, drawn from the normal distribution, by the present seed. */
    public static Tensor randn(int... shape) {
        return Draw.normal(Shape.of(shape));
    }

    /**
     * Int64 numbers on the CPU, drawn evenly from {@code low} to below {@code high}, by the present
     * seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static Tensor randint(long low, long high, int... shape) {
        return Draw.integers(low, high, Shape.of(shape));
    }

    /** 0 to below n in a random order, int64 on the CPU, by the present seed. */
    public static Tensor randperm(int n) {
        return Draw.permutation(n);
    }

    /** A float32 scalar on the CPU. */
    public static Tensor scalar(float value) {
        return full(value);
    }

    /** A float64 scalar on the scalar CPU backend, the one that computes in it. */
    public static Tensor scalar(double value) {
        return of(new double[] {value}, Shape.of());
    }

    /** An int64 scalar on the CPU, which whole numbers become unless they end in {@code f}. */
    public static Tensor scalar(long value) {
        return of(new long[] {value}, Shape.of());
    }

    /** Float32 on the CPU; the values are copied. Without sizes a vector, of one value too. */
    public static Tensor of(float[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(float[], int[])}, of any shape. */
    public static Tensor of(float[] values, Shape shape) {
        return of(Device.cpu(), DType.FLOAT32, values, values.length, shape);
    }

    /** Float64 on the scalar CPU backend, the one that computes in it; the values are copied. */
    public static Tensor of(double[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(double[], int[])}, of any shape. */
    public static Tensor of(double[] values, Shape shape) {
        return of(Device.cpuScalar(), DType.FLOAT64, values, values.length, shape);
    }

    /** Int32 on the CPU; the values are copied. */
    public static Tensor of(int[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(int[], int[])}, of any shape. */
    public static Tensor of(int[] values, Shape shape) {
        return of(Device.cpu(), DType.INT32, values, values.length, shape);
    }

    /** Int64 on the CPU, as for class labels; the values are copied. */
    public static Tensor of(long[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(long[], int[])}, of any shape. */
    public static Tensor of(long[] values, Shape shape) {
        return of(Device.cpu(), DType.INT64, values, values.length, shape);
    }

    /** Bool on the CPU, as masks are; the values are copied. */
    public static Tensor of(boolean[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(boolean[], int[])}, of any shape. */
    public static Tensor of(boolean[] values, Shape shape) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return of(Device.cpu(), DType.BOOL, bytes, bytes.length, shape);
    }

    /** Uint8 on the CPU, as for pictures; the values are copied. */
    public static Tensor of(byte[] values, int... shape) {
        return of(values, shape(values.length, shape));
    }

    /** As {@link #of(byte[], int[])}, of any shape. */
    public static Tensor of(byte[] values, Shape shape) {
        return of(Device.cpu(), DType.UINT8, values, values.length, shape);
    }

    /** Sizes as they were given, or where none were that of a vector. */
    private static Shape shape(int n, int[] sizes) {
        return sizes.length == 0 ? Shape.of(n) : Shape.of(sizes);
    }

    private static Tensor of(Device device, DType dtype, Object values, int n, Shape shape) {
        if (shape.size() != n) {
            throw new ShapeException(
                    "Tensor.of: shape "
                            + shape
                            + " has "
                            + shape.size()
                            + " elements, "
                            + n
                            + " values were given");
        }
        Tensor y = zeros(device, dtype, shape);
        device.backend().upload(values, y.buffer());
        return y;
    }

    /** A new tensor of zeros with another shape, on this tensor's device and with its dtype. */
    public Tensor sibling(Shape other) {
        return new Tensor(device(), other, device.backend().allocate(dtype(), other.size()));
    }

    /** As {@link #sibling}, with any values: for operations that write every element. */
    public Tensor empty(Shape other) {
        return new Tensor(device(), other, device.backend().empty(dtype(), other.size()));
    }

    // What it is

    /** Sizes of the dimensions. */
    public Shape shape() {
        return shape;
    }

    /** Size of one dimension; negative numbers count from the end. */
    public int dim(int i) {
        return shape.dim(i);
    }

    /** Number of elements. */
    public int size() {
        return shape.size();
    }

    /** Type of the elements. */
    public DType dtype() {
        Pending open = pending();
        return open != null ? open.dtype() : here().dtype();
    }

    /** Where the elements are. */
    public Device device() {
        if (pending() == null) {
            here();
        }
        return device;
    }

    /** How the values will be computed; null if they are there. */
    @Nullable Pending pending() {
        Pending open = pending;
        Buffer values = open == null ? null : open.values();
        if (values == null) {
            return open;
        }
        buffer = values;
        pending = null;
        return null;
    }

    /** The memory, where it is now, if it has moved; see {@link Buffer#movedTo}. */
    Buffer follow() {
        Pending open = pending();
        if (open != null) {
            buffer = open.buffer();
            pending = null;
        }
        return here();
    }

    /** As {@link #follow}, of values that are there: without the code that computes them. */
    Buffer here() {
        Buffer known = Objects.requireNonNull(buffer);
        return known.isMoved() ? moved(known) : known;
    }

    private Buffer moved(Buffer known) {
        Buffer now = known.now();
        Device there = known.deviceNow(device);
        if (!there.sameAs(device) || now.dtype() != known.dtype()) {
            grad = null;
            gradStorage = null;
        }
        device = there;
        buffer = now;
        return now;
    }

    /** Whether both are views of memory that is there. */
    public boolean sharesMemoryWith(Tensor other) {
        return pending() == null
                && other.pending() == null
                && here().sharesMemoryWith(other.here());
    }

    /**
     * The memory behind this tensor; for authors of operations.
     *
     * @throws IllegalStateException with the reason, if the memory was given back
     */
    public Buffer buffer() {
        Buffer present = follow();
        String why = present.released();
        if (why != null) {
            throw present.gone(why);
        }
        return present;
    }

    // Reading values

    /**
     * The value of a tensor with one element.
     *
     * @throws ShapeException if it has more or fewer
     */
    public double item() {
        if (size() != 1) {
            throw new ShapeException("item: tensor of shape " + shape + " has not one element");
        }
        return toDoubles()[0];
    }

    /** The element at these indices, one for each dimension. */
    public double get(int... index) {
        if (index.length != shape.rank()) {
            throw new ShapeException(
                    "get: " + index.length + " indices for a tensor of shape " + shape);
        }
        int at = 0;
        int[] strides = shape.strides();
        for (int d = 0; d < index.length; d++) {
            Objects.checkIndex(index[d], shape.dim(d));
            at += index[d] * strides[d];
        }
        return new Tensor(device(), Shape.of(), buffer().slice(at, 1)).item();
    }

    /** A copy of all elements as float, row by row. */
    public float[] toFloats() {
        return (float[]) download(DType.FLOAT32, new float[size()]);
    }

    /** A copy of all elements as double, row by row. */
    public double[] toDoubles() {
        double[] out = new double[size()];
        switch (dtype()) {
            case FLOAT64 -> device().backend().download(buffer(), out);
            case INT32, INT64 -> {
                long[] v = toLongs();
                for (int i = 0; i < out.length; i++) {
                    out[i] = v[i];
                }
            }
            default -> {
                float[] v = toFloats();
                for (int i = 0; i < out.length; i++) {
                    out[i] = v[i];
                }
            }
        }
        return out;
    }

    /** A copy of all elements as long, row by row; floats are truncated. */
    public long[] toLongs() {
        return (long[]) download(DType.INT64, new long[size()]);
    }

    /** A copy of all elements as int, row by row; floats are truncated. */
    public int[] toInts() {
        return (int[]) download(DType.INT32, new int[size()]);
    }

    /** A copy of all elements as byte, row by row; floats are truncated. */
    public byte[] toBytes() {
        return (byte[]) download(DType.UINT8, new byte[size()]);
    }

    /** A copy of all elements, row by row: whether each is not 0. */
    public boolean[] toBooleans() {
        byte[] bytes = (byte[]) download(DType.BOOL, new byte[size()]);
        boolean[] values = new boolean[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes[i] != 0;
        }
        return values;
    }

    private Object download(DType type, Object array) {
        Buffer source = buffer();
        if (dtype() != type) {
            source = device.backend().empty(type, size());
            device.backend().cast(buffer(), source);
        }
        device.backend().download(source, array);
        if (source != buffer()) {
            source.release("it was converted for one reading");
        }
        return array;
    }

    // Copies and moves

    /** A tensor with the same values and memory that gradients do not flow through. */
    public Tensor detach() {
        Pending open = pending();
        return open != null && open.shape() == shape
                ? new Tensor(open)
                : new Tensor(device(), shape, buffer());
    }

    /** A copy with memory of its own, without gradient history. */
    public Tensor copy() {
        Tensor y = empty(shape);
        device().backend().copy(buffer(), y.buffer());
        return y;
    }

    /**
     * Keeps the values of this tensor readable for as long as it is referred to: neither a later
     * {@link #backward()} nor a {@link Scope} releases its memory. Needed on a GPU and in a {@link
     * CompiledStep}; elsewhere on the CPU nothing is released that somebody could hold.
     *
     * @return this
     */
    public Tensor keep() {
        buffer().keep();
        return this;
    }

    /**
     * Overwrites the values of this tensor with those of {@code source}, converted to this dtype
     * and moved to this device as needed. No gradients flow to the source.
     *
     * @throws ShapeException if the shapes differ
     * @throws IllegalStateException if this is the result of a recorded operation, or a copy of
     *     another tensor's elements
     */
    public Tensor copyFrom(Tensor source) {
        if (!shape.equals(source.shape)) {
            throw new ShapeException("copyFrom: " + source.shape + " into " + shape);
        }
        Tensor moved = source.detach().to(device()).to(dtype());
        Buffer values = moved.buffer();
        Buffer target = overwritten("copyFrom");
        Buffer.overwriting(List.of(target), () -> device.backend().copy(values, target));
        return this;
    }

    /**
     * Overwrites every element with {@code value}.
     *
     * @throws IllegalStateException if this is the result of a recorded operation, or a copy of
     *     another tensor's elements
     */
    public Tensor fill(double value) {
        Buffer target = overwritten("fill");
        Buffer.overwriting(List.of(target), () -> device().backend().fill(target, value));
        return this;
    }

    /**
     * Adds {@code by} to every element, on the device that it is on.
     *
     * @throws IllegalArgumentException if this is no int64 tensor
     */
    public Tensor increment(long by) {
        if (dtype() != DType.INT64) {
            throw new IllegalArgumentException("increment: expects int64, got " + dtype());
        }
        Buffer target = overwritten("increment");
        Buffer.overwriting(List.of(target), () -> device().backend().increment(target, by));
        return this;
    }

    /** See {@link Internals#overwritten}. */
    Buffer overwritten(String op) {
        Node maker = node;
        if (maker != null && Autograd.isRecording()) {
            throw new IllegalStateException(
                    op
                            + ": this is the result of "
                            + maker.op()
                            + ", whose gradient would be as if nothing had been written; write to"
                            + " detach() or copy(), or within Autograd.noGrad()");
        }
        Pending.settle(this);
        Buffer target = buffer();
        String copiedBy = target.copiedBy();
        if (copiedBy != null) {
            throw new IllegalStateException(
                    op
                            + ": "
                            + copiedBy
                            + " made a copy, the tensor that it was asked of would not change; write"
                            + " to that one with set(value, ranges), or to copy() of this");
        }
        return target;
    }

    /** y, noting that it is a copy if it is, where PyTorch has a view. */
    private Tensor noted(String op, Tensor y) {
        if (!sharesMemoryWith(y)) {
            y.buffer().copiedBy(op);
        }
        return y;
    }

    private List<Tensor> noted(String op, List<Tensor> parts) {
        parts.forEach(part -> noted(op, part));
        return parts;
    }

    /** This tensor on another device; itself if it is there already. */
    public Tensor to(Device other) {
        return Cast.toDevice(this, other);
    }

    /**
     * This tensor with another dtype; itself if it has that already. Floats truncate to integers.
     */
    public Tensor to(DType dtype) {
        return Cast.toType(this, dtype);
    }

    /**
     * Moves this leaf itself to another device and dtype, so that everything that refers to it,
     * such as an optimizer, sees the move. Whatever shares its memory, such as what {@link #detach}
     * returned, moves too; graphs that were recorded before can no longer be walked. A gradient is
     * dropped.
     *
     * @return this
     * @throws IllegalStateException if this is the result of an operation
     */
    public Tensor move(Device other, DType dtype) {
        if (node != null) {
            throw new IllegalStateException(
                    "move: this is the result of " + node.op() + "; use to()");
        }
        if (!device().sameAs(other) || dtype() != dtype) {
            Pending.settle(this);
            // Converted where both types are supported: a device may lack one of them.
            Buffer whole = buffer().whole();
            Tensor x = new Tensor(device, Shape.of(whole.length()), whole);
            Tensor moved =
                    other.backend().supports(dtype())
                            ? x.to(other).to(dtype)
                            : x.to(dtype).to(other);
            moved.buffer().keep();
            whole.movedTo(moved.buffer(), other, true);
            follow();
        }
        device = other;
        return this;
    }

    // Gradients

    /** Whether gradients flow to this tensor: it was asked for, or comes from one that does. */
    public boolean requiresGrad() {
        return requiresGrad || node != null;
    }

    /**
     * Asks for a gradient in {@link #grad()} after {@link #backward()}; what is frozen between the
     * forward pass and that gets none.
     *
     * @return this
     * @throws IllegalArgumentException if the elements are not floating-point numbers
     */
    public Tensor requiresGrad(boolean required) {
        if (required && !dtype().isFloat()) {
            throw new IllegalArgumentException(
                    "requiresGrad: only floating-point tensors have gradients, this is " + dtype());
        }
        if (node != null) {
            throw new IllegalStateException(
                    "requiresGrad: this tensor is the result of "
                            + node.op()
                            + "; only leaves can be asked, detach() makes one");
        }
        requiresGrad = required;
        return this;
    }

    /**
     * The gradient that backward passes added up here, or null if there was none yet. Its memory is
     * used again for the next gradient of this tensor after this one was dropped; {@link #copy}
     * makes one that lasts.
     */
    public @Nullable Tensor grad() {
        return grad;
    }

    /** Replaces or, with null, drops the gradient. */
    public void grad(@Nullable Tensor gradient) {
        grad = gradient;
        gradStorageLent = false;
    }

    /**
     * Adds the gradient of this scalar by every leaf that requires one to that leaf's {@link
     * #grad()}.
     *
     * @throws ShapeException if this tensor has more than one element
     * @throws IllegalStateException if nothing here requires a gradient, or the graph was walked
     *     before
     */
    public void backward() {
        backward(seed(), false);
    }

    /** The gradient of a scalar by itself. */
    private Tensor seed() {
        if (size() != 1) {
            throw new ShapeException(
                    "backward: a tensor of shape "
                            + shape
                            + " is not a scalar; reduce it, or pass its gradient");
        }
        return Internals.one(this);
    }

    /** As {@link #backward()}, starting from {@code gradient}, the gradient of this tensor. */
    public void backward(Tensor gradient) {
        backward(gradient, false);
    }

    /**
     * As {@link #backward()}, after which the graph may be walked again if {@code retainGraph}:
     * what the operations keep for their gradients stays until a pass without it, or until nobody
     * refers to a result any more.
     */
    public void backward(boolean retainGraph) {
        backward(seed(), retainGraph);
    }

    /** As {@link #backward(boolean)}, starting from {@code gradient}. */
    public void backward(Tensor gradient, boolean retainGraph) {
        if (!requiresGrad()) {
            throw new IllegalStateException(
                    "backward: no tensor that this one was computed from requires a gradient"
                            + (Autograd.isRecording() ? "" : ", and noGrad() is in force"));
        }
        if (!gradient.shape.equals(shape)) {
            throw new ShapeException(
                    "backward: gradient of shape " + gradient.shape + " for a tensor " + shape);
        }
        if (gradient.dtype() != dtype() || !gradient.device().sameAs(device())) {
            throw new IllegalArgumentException(
                    String.format(
                            "backward: the gradient is %s on %s, the tensor %s on %s",
                            gradient.dtype(), gradient.device(), dtype(), device()));
        }
        Node.backward(this, gradient, retainGraph);
    }

    /**
     * Calls {@code hook} with the gradient of this tensor in every pass that computes it, once all
     * of it has come together. What the hook returns goes on in its place; null, or the same
     * tensor, changes nothing. On a GPU the hook keeps a gradient by {@link #keep} or {@link
     * #copy}.
     *
     * @return takes the hook away again
     * @throws IllegalStateException if this tensor has no gradient; in a pass, if the hook
     *     overwrote what it was given
     * @throws IllegalArgumentException in a pass, if what the hook returned has another shape, type
     *     or device
     */
    public RemovableHandle registerHook(Function<Tensor, @Nullable Tensor> hook) {
        if (!requiresGrad()) {
            throw new IllegalStateException(
                    "registerHook: this tensor of shape " + shape + " requires no gradient");
        }
        if (node != null) {
            return node.registerHook(hook);
        }
        if (hooks == null) {
            hooks = new HookList<>();
        }
        return hooks.add(hook);
    }

    // Arithmetic

    /** Sum, with broadcasting. */
    public Tensor add(Tensor b) {
        return Pointwise.apply(Formulas.ADD, this, b);
    }

    /** Sum with a number. */
    public Tensor add(double b) {
        return Pointwise.apply(Formulas.ADD_NUMBER, this, b);
    }

    /** Difference, with broadcasting. */
    public Tensor sub(Tensor b) {
        return Pointwise.apply(Formulas.SUB, this, b);
    }

    /** Difference from a number. */
    public Tensor sub(double b) {
        return Pointwise.apply(Formulas.ADD_NUMBER, this, -b);
    }

    /** Product element by element, with broadcasting. */
    public Tensor mul(Tensor b) {
        return Pointwise.apply(Formulas.MUL, this, b);
    }

    /** Product with a number. */
    public Tensor mul(double b) {
        return Pointwise.apply(Formulas.MUL_NUMBER, this, b);
    }

    /** Quotient element by element, with broadcasting. */
    public Tensor div(Tensor b) {
        return Pointwise.apply(Formulas.DIV, this, b);
    }

    /** Quotient by a number, which is rounded to this dtype; the division rounds once. */
    public Tensor div(double b) {
        return Pointwise.div(this, b);
    }

    /** The opposite sign. */
    public Tensor neg() {
        return Pointwise.apply(Formulas.NEG, this);
    }

    /** |x|; its gradient at 0 is 0. */
    public Tensor abs() {
        return Pointwise.apply(Formulas.ABS, this);
    }

    /** 1, -1, or 0 for zeros and what is not a number. */
    public Tensor sign() {
        return Pointwise.apply(Formulas.SIGN, this);
    }

    /** x^2. */
    public Tensor square() {
        return Pointwise.apply(Formulas.SQUARE, this);
    }

    /** 1 / x. */
    public Tensor reciprocal() {
        return Pointwise.apply(Formulas.RECIPROCAL, this);
    }

    /** The larger of two elements, with broadcasting; NaN if one is. */
    public Tensor maximum(Tensor b) {
        return Pointwise.apply(Formulas.MAXIMUM, this, b);
    }

    /** The smaller of two elements, with broadcasting; NaN if one is. */
    public Tensor minimum(Tensor b) {
        return Pointwise.apply(Formulas.MINIMUM, this, b);
    }

    /**
     * min(max(x, min), max), all of it {@code max} where that is less than {@code min}; infinities
     * leave a side open.
     *
     * @throws IllegalArgumentException if a bound is not a number
     */
    public Tensor clamp(double min, double max) {
        if (Double.isNaN(min) || Double.isNaN(max)) {
            throw new IllegalArgumentException(
                    "clamp: expected numbers as bounds, got " + min + " and " + max);
        }
        return Pointwise.apply(Formulas.CLAMP, this, min, max);
    }

    /**
     * x^p; of powers 2, 3, -1, -2, 1/2 and -1/2 by products, quotients and roots. Its gradient is 0
     * where p is.
     */
    public Tensor pow(double p) {
        return Pointwise.pow(this, p);
    }

    /** x^p element by element, with broadcasting. */
    public Tensor pow(Tensor p) {
        return Pointwise.apply(Functions.POW, this, p);
    }

    /** Sine of radians. */
    public Tensor sin() {
        return Pointwise.apply(Functions.SIN, this);
    }

    /** Cosine of radians. */
    public Tensor cos() {
        return Pointwise.apply(Functions.COS, this);
    }

    /** The largest whole number that is not above x; without gradient. */
    public Tensor floor() {
        return Pointwise.apply(Functions.FLOOR, this);
    }

    /** The smallest whole number that is not below x; without gradient. */
    public Tensor ceil() {
        return Pointwise.apply(Functions.CEIL, this);
    }

    /** The whole number next to x, the even one of two; without gradient. */
    public Tensor round() {
        return Pointwise.apply(Functions.ROUND, this);
    }

    /** x without what is behind the point; without gradient. */
    public Tensor trunc() {
        return Pointwise.apply(Functions.TRUNC, this);
    }

    /**
     * Matrix product [..., m, k] x [..., k, n] with broadcast leading dimensions; vectors as in
     * PyTorch.
     */
    public Tensor matmul(Tensor b) {
        return Matmul.apply(this, b);
    }

    /** e^x. */
    public Tensor exp() {
        return Pointwise.apply(Formulas.EXP, this);
    }

    /** e^x - 1, with its digits where x is small. */
    public Tensor expm1() {
        return Pointwise.apply(Formulas.EXPM1, this);
    }

    /** ln(1 + x), with its digits where x is small. */
    public Tensor log1p() {
        return Pointwise.apply(Formulas.LOG1P, this);
    }

    /** Natural logarithm. */
    public Tensor log() {
        return Pointwise.apply(Formulas.LOG, this);
    }

    /** Square root. */
    public Tensor sqrt() {
        return Pointwise.apply(Formulas.SQRT, this);
    }

    /** Reciprocal of the square root. */
    public Tensor rsqrt() {
        return Pointwise.apply(Formulas.RSQRT, this);
    }

    /**
     * A sum of products in Einstein's notation, such as {@code "bij,bjk->bik"}: letters that are in
     * no result are summed over. Without an arrow the result has the letters that stand once, by
     * the alphabet.
     *
     * @throws ShapeException if the equation is none, or does not fit the tensors
     */
    public static Tensor einsum(String equation, Tensor... operands) {
        return Einsum.apply(equation, operands);
    }

    // Comparisons: masks of type bool

    /** a > b, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor gt(Tensor b) {
        return Compare.apply(Comparisons.GREATER, this, b);
    }

    /** a > b, a number that is rounded to this type. */
    public Tensor gt(double b) {
        return Compare.apply(Comparisons.GREATER, this, b);
    }

    /** a >= b, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor ge(Tensor b) {
        return Compare.apply(Comparisons.GREATER_EQUAL, this, b);
    }

    /** a >= b, a number that is rounded to this type. */
    public Tensor ge(double b) {
        return Compare.apply(Comparisons.GREATER_EQUAL, this, b);
    }

    /** {@code a < b}, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor lt(Tensor b) {
        return Compare.apply(Comparisons.LESS, this, b);
    }

    /** {@code a < b}, a number that is rounded to this type. */
    public Tensor lt(double b) {
        return Compare.apply(Comparisons.LESS, this, b);
    }

    /** {@code a <= b}, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor le(Tensor b) {
        return Compare.apply(Comparisons.LESS_EQUAL, this, b);
    }

    /** {@code a <= b}, a number that is rounded to this type. */
    public Tensor le(double b) {
        return Compare.apply(Comparisons.LESS_EQUAL, this, b);
    }

    /** a = b, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor eq(Tensor b) {
        return Compare.apply(Comparisons.EQUAL, this, b);
    }

    /** a = b, a number that is rounded to this type. */
    public Tensor eq(double b) {
        return Compare.apply(Comparisons.EQUAL, this, b);
    }

    /** Not a = b, with broadcasting, of floats of one type or of whole numbers. */
    public Tensor ne(Tensor b) {
        return Compare.apply(Comparisons.NOT_EQUAL, this, b);
    }

    /** Not a = b, a number that is rounded to this type. */
    public Tensor ne(double b) {
        return Compare.apply(Comparisons.NOT_EQUAL, this, b);
    }

    /** Where elements are not numbers. */
    public Tensor isNan() {
        return Compare.is(Comparisons.IS_NAN, this);
    }

    /** Where elements are infinite. */
    public Tensor isInf() {
        return Compare.is(Comparisons.IS_INFINITE, this);
    }

    /** Where elements are numbers and not infinite. */
    public Tensor isFinite() {
        return Compare.is(Comparisons.IS_FINITE, this);
    }

    /** Both are not 0, with broadcasting. */
    public Tensor logicalAnd(Tensor b) {
        return Compare.and(this, b);
    }

    /** One is not 0, or both, with broadcasting. */
    public Tensor logicalOr(Tensor b) {
        return Compare.or(this, b);
    }

    /** One is not 0, but not both, with broadcasting. */
    public Tensor logicalXor(Tensor b) {
        return Compare.xor(this, b);
    }

    /** Where elements are 0. */
    public Tensor logicalNot() {
        return Compare.not(this);
    }

    /** Whether any element is not 0: a scalar. */
    public Tensor any() {
        return any(false, Reduce.all(this));
    }

    /** Whether any element along dimensions, or without any of all, is not 0. */
    public Tensor any(boolean keepDim, int... dims) {
        return Compare.any(this, dims, keepDim);
    }

    /** Whether all elements are not 0: a scalar. */
    public Tensor all() {
        return all(false, Reduce.all(this));
    }

    /** Whether all elements along dimensions, or without any all there are, are not 0. */
    public Tensor all(boolean keepDim, int... dims) {
        return Compare.all(this, dims, keepDim);
    }

    /** a where the condition (bool) is true, else b, with broadcasting. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return Compare.where(condition, a, b);
    }

    /** {@code value} where the mask (bool), which may be stretched, is true, else x. */
    public Tensor maskedFill(Tensor mask, double value) {
        return Compare.maskedFill(this, mask, value);
    }

    /**
     * The elements where the mask (bool) is true, row by row: a vector. How long it is, Java has to
     * read; a step that is recorded cannot.
     */
    public Tensor maskedSelect(Tensor mask) {
        return Compare.maskedSelect(this, mask);
    }

    /** Indices (int64) [count, rank] of the elements that are not 0, which Java has to read. */
    public Tensor nonzero() {
        return Compare.nonzero(this);
    }

    /**
     * Whether all elements are close to those of b: |a - b| is at most {@code atol + rtol |b|}, or
     * both are the same infinity; read by Java. PyTorch's defaults are 1e-5 and 1e-8.
     */
    public boolean allClose(Tensor b, double rtol, double atol) {
        if (!shape.equals(b.shape)) {
            throw new ShapeException("allClose: " + shape + " and " + b.shape);
        }
        if (dtype() == DType.INT64 && b.dtype() == DType.INT64) {
            return areClose(toLongs(), b.toLongs(), rtol, atol);
        }
        double[] u = toDoubles();
        double[] v = b.toDoubles();
        for (int i = 0; i < u.length; i++) {
            if (u[i] != v[i] && !(Math.abs(u[i] - v[i]) <= atol + rtol * Math.abs(v[i]))) {
                return false;
            }
            if (u[i] != v[i] && Double.isInfinite(v[i])) {
                return false;
            }
        }
        return true;
    }

    /** Of whole numbers that no double has, the differences are those of whole numbers. */
    private static boolean areClose(long[] u, long[] v, double rtol, double atol) {
        for (int i = 0; i < u.length; i++) {
            BigInteger distance = BigInteger.valueOf(u[i]).subtract(BigInteger.valueOf(v[i])).abs();
            if (u[i] != v[i]
                    && !(distance.doubleValue() <= atol + rtol * Math.abs((double) v[i]))) {
                return false;
            }
        }
        return true;
    }

    /** As above, with a difference of 1e-5 of b and 1e-8. */
    public boolean allClose(Tensor b) {
        return allClose(b, 1e-5, 1e-8);
    }

    // Reductions

    /** Sum of all elements: a scalar. */
    public Tensor sum() {
        return Reduce.sum(this, Reduce.all(this), false);
    }

    /**
     * Sum over {@code dims}, or without any over all, which keep a size of 1 if {@code keepDim}.
     */
    public Tensor sum(boolean keepDim, int... dims) {
        return Reduce.sum(this, dims, keepDim);
    }

    /** Mean of all elements: a scalar. */
    public Tensor mean() {
        return Reduce.mean(this, Reduce.all(this), false);
    }

    /**
     * Mean over {@code dims}, or without any over all, which keep a size of 1 if {@code keepDim}.
     */
    public Tensor mean(boolean keepDim, int... dims) {
        return Reduce.mean(this, dims, keepDim);
    }

    /**
     * What {@link #max} finds.
     *
     * @param values the largest values
     * @param indices where they are (int64)
     */
    public record Maxima(Tensor values, Tensor indices) {}

    /** Largest values along one dimension, and where they are. */
    public Maxima max(int dim, boolean keepDim) {
        return Max.apply(this, dim, keepDim);
    }

    /**
     * What {@link #min} finds.
     *
     * @param values the smallest values
     * @param indices where they are (int64)
     */
    public record Minima(Tensor values, Tensor indices) {}

    /** Smallest values along one dimension, and where they are. */
    public Minima min(int dim, boolean keepDim) {
        return Statistics.min(this, dim, keepDim);
    }

    /** Index (int64) of the first smallest value along one dimension. */
    public Tensor argmin(int dim) {
        return detach().min(dim, false).indices();
    }

    /** Index (int64) of the first largest value along one dimension. */
    public Tensor argmax(int dim) {
        return Max.apply(detach(), dim, false).indices();
    }

    /** Product of all elements: a scalar. */
    public Tensor prod() {
        return reshape(-1).prod(0, false);
    }

    /** Product along one dimension. */
    public Tensor prod(int dim, boolean keepDim) {
        return Order.prod(this, dim, keepDim);
    }

    /** Sums of all elements up to each one along a dimension. */
    public Tensor cumsum(int dim) {
        return Order.cumsum(this, dim);
    }

    /**
     * What {@link #sort} and {@link #topk} find.
     *
     * @param values the elements in their order
     * @param indices where they were (int64)
     */
    public record Sorted(Tensor values, Tensor indices) {}

    /**
     * By size along one dimension; equal ones stay in their order, and NaN is above all numbers.
     */
    public Sorted sort(int dim, boolean descending) {
        return Order.sort(this, dim, descending);
    }

    /** Indices (int64) of the elements by size along one dimension. */
    public Tensor argsort(int dim, boolean descending) {
        return detach().sort(dim, descending).indices();
    }

    /** The k largest elements along one dimension, the largest first. */
    public Sorted topk(int k, int dim) {
        return topk(k, dim, true);
    }

    /** The k largest or smallest elements along one dimension, the outermost first. */
    public Sorted topk(int k, int dim, boolean largest) {
        return Order.topk(this, k, dim, largest);
    }

    /** Variance of all elements, divided by count - 1. */
    public Tensor var() {
        return var(false, Reduce.all(this));
    }

    /** Standard deviation of all elements, the root of {@link #var()}; its gradient at 0 is 0. */
    public Tensor std() {
        return std(1, false);
    }

    /** Variance over dimensions, or without any over all, divided by count - 1. */
    public Tensor var(boolean keepDim, int... dims) {
        return var(1, keepDim, dims);
    }

    /**
     * Variance over dimensions, or without any over all, divided by count - correction: infinite or
     * NaN where that is not above 0.
     */
    public Tensor var(int correction, boolean keepDim, int... dims) {
        return Statistics.variance(this, correction, dims, keepDim);
    }

    /**
     * Standard deviation over dimensions, the root of {@link #var(boolean, int...)}; its gradient
     * at 0 is 0.
     */
    public Tensor std(boolean keepDim, int... dims) {
        return std(1, keepDim, dims);
    }

    /**
     * Standard deviation over dimensions, the root of {@link #var(int, boolean, int...)}; its
     * gradient at 0 is 0.
     */
    public Tensor std(int correction, boolean keepDim, int... dims) {
        return Statistics.deviation(this, correction, dims, keepDim);
    }

    /** The root of the sum of all squares. */
    public Tensor norm() {
        return norm(false, Reduce.all(this));
    }

    /**
     * The root of the sum of squares over dimensions, or without any over all; its gradient at 0 is
     * 0.
     */
    public Tensor norm(boolean keepDim, int... dims) {
        return Statistics.norm(this, dims, keepDim);
    }

    /** ln(sum of e^x) along one dimension, without overflow. */
    public Tensor logSumExp(int dim, boolean keepDim) {
        return Statistics.logSumExp(this, dim, keepDim);
    }

    /** Softmax along one dimension. */
    public Tensor softmax(int dim) {
        return Softmax.softmax(this, dim);
    }

    /** Logarithm of the softmax along one dimension. */
    public Tensor logSoftmax(int dim) {
        return Softmax.logSoftmax(this, dim);
    }

    // Layout

    /** The same elements in another shape; one size may be -1. Shares memory. */
    public Tensor reshape(int... dims) {
        return Layout.reshape(this, dims);
    }

    /** Dimensions from {@code startDim} on as one. Shares memory. */
    public Tensor flatten(int startDim) {
        return Layout.flatten(this, startDim);
    }

    /** A new dimension of size 1 at {@code dim}. Shares memory. */
    public Tensor unsqueeze(int dim) {
        return Layout.unsqueeze(this, dim);
    }

    /** Without dimension {@code dim}, which must have size 1. Shares memory. */
    public Tensor squeeze(int dim) {
        return Layout.squeeze(this, dim);
    }

    /** Dimensions in another order: dimension i of the result is dimension dims[i] of this. */
    public Tensor permute(int... dims) {
        return noted("permute", Layout.permute(this, dims));
    }

    /** Two dimensions exchanged. */
    public Tensor transpose(int a, int b) {
        return noted("transpose", Layout.transpose(this, a, b));
    }

    /** Elements start .. start + length - 1 of one dimension; of the first, it shares memory. */
    public Tensor narrow(int dim, int start, int length) {
        return noted("narrow", Layout.narrow(this, dim, start, length));
    }

    /**
     * Those elements of one dimension that the index (int64, one dimension) names, in its order.
     *
     * @throws IllegalArgumentException if a number is not from 0 to below the dimension's size; on
     *     a GPU when a value is read
     */
    public Tensor indexSelect(int dim, Tensor index) {
        return Select.indexSelect(this, dim, index);
    }

    /**
     * The element of one dimension that each number of the index (int64) names: y[i][k] =
     * x[i][index[i][k]] along the last one. The index has as many dimensions, none larger but this
     * one.
     *
     * @throws IllegalArgumentException if a number is not from 0 to below the dimension's size; on
     *     a GPU when a value is read
     */
    public Tensor gather(int dim, Tensor index) {
        return Take.gather(this, dim, index);
    }

    /**
     * This, and to the elements of one dimension that the index (int64) names, those of the source
     * added, in their order; the opposite of {@link #gather}.
     *
     * @throws IllegalArgumentException if a number is not from 0 to below the dimension's size; on
     *     a GPU when a value is read
     */
    public Tensor scatterAdd(int dim, Tensor index, Tensor source) {
        return Take.scatterAdd(this, dim, index, source);
    }

    /**
     * This with the elements of one dimension that the index (int64) names replaced by those of the
     * source, in their order: of an element that is named twice the last one stays, and the others
     * have a gradient of 0.
     *
     * @throws IllegalArgumentException if a number is not from 0 to below the dimension's size; on
     *     a GPU when a value is read
     */
    public Tensor scatter(int dim, Tensor index, Tensor source) {
        return Put.scatter(this, dim, index, source);
    }

    /** This with {@code value} in place of the elements of one dimension that the index names. */
    public Tensor scatter(int dim, Tensor index, double value) {
        return Put.scatter(this, dim, index, value);
    }

    /** Element {@code i} of one dimension, which goes; negative numbers count from the end. */
    public Tensor select(int dim, int i) {
        return noted("select", Layout.select(this, dim, i));
    }

    /**
     * Every {@code step}-th element of one dimension from {@code start} to below {@code end}, as in
     * Python: negative numbers count from the end, and what is beyond it is left out.
     */
    public Tensor slice(int dim, int start, int end, int step) {
        return noted("slice", Layout.slice(this, dim, start, end, step));
    }

    /**
     * A range of each dimension, as {@code x[...]} in Python; of dimensions that are not named,
     * all. It shares memory where only leading elements are left out, else it is a copy.
     *
     * @throws ShapeException if there are more ranges than dimensions, or no element of a number
     */
    public Tensor slice(Range... ranges) {
        return noted("slice", Region.slice(this, ranges));
    }

    /**
     * Overwrites a range of each dimension, as {@code x[...] = value} in Python, with values that
     * are converted and moved here as needed, and stretched as broadcasting does.
     *
     * @return this
     * @throws ShapeException if the value does not stretch to the ranges, or they do not exist
     * @throws IllegalStateException if this is the result of a recorded operation, or a copy of
     *     another tensor's elements
     * @throws IllegalArgumentException if the value requires a gradient, while gradients are
     *     recorded: {@link #sliceScatter} has them
     */
    public Tensor set(Tensor value, Range... ranges) {
        Region.set(this, value, ranges);
        return this;
    }

    /** As above, with one number. */
    public Tensor set(double value, Range... ranges) {
        Region.set(this, value, ranges);
        return this;
    }

    /** A copy in which the source, stretched as broadcasting does, has replaced these ranges. */
    public Tensor sliceScatter(Tensor source, Range... ranges) {
        return Region.sliceScatter(this, source, ranges);
    }

    /** The elements of one dimension from {@code start} to below {@code end}, as in Python. */
    public Tensor slice(int dim, int start, int end) {
        return slice(dim, start, end, 1);
    }

    /**
     * Parts of {@code size} elements of one dimension, the last one of what is left; of the first
     * dimension, they share memory.
     */
    public List<Tensor> split(int size, int dim) {
        return noted("split", Layout.split(this, size, dim));
    }

    /**
     * At most {@code count} parts of one dimension, of the same size but for the last; of the first
     * dimension, they share memory. As in PyTorch there may be fewer: 5 elements in 4 parts are
     * three.
     */
    public List<Tensor> chunk(int count, int dim) {
        return noted("chunk", Layout.chunk(this, count, dim));
    }

    /** In the opposite direction along these dimensions. */
    public Tensor flip(int... dims) {
        return Arrange.flip(this, dims);
    }

    /** Moved along one dimension; what leaves it at one end comes in at the other. */
    public Tensor roll(int shift, int dim) {
        return Arrange.roll(this, shift, dim);
    }

    /** So many times along each dimension, of which there may be more than here, in front. */
    public Tensor repeat(int... times) {
        return Arrange.repeat(this, times);
    }

    /** The lower triangle of [..., r, c], up to a diagonal (0 is the main one); 0 above it. */
    public Tensor tril(int diagonal) {
        return Arrange.tril(this, diagonal);
    }

    /** The upper triangle of [..., r, c], from a diagonal on; 0 below it. */
    public Tensor triu(int diagonal) {
        return Arrange.triu(this, diagonal);
    }

    /** Stretched to a larger shape as broadcasting does. */
    public Tensor expand(int... dims) {
        return noted("expand", Layout.expand(this, Shape.of(dims)));
    }

    /** Joined along a new dimension; all have one shape. */
    public static Tensor stack(int dim, Tensor... parts) {
        return Layout.stack(dim, parts);
    }

    /** Joined along an existing dimension. */
    public static Tensor cat(int dim, Tensor... parts) {
        return Layout.cat(dim, parts);
    }

    /** Shape, dtype and device, and the elements if there are few. */
    @Override
    public String toString() {
        return TensorPrinter.print(this);
    }
}
