package io.github.cortado.backend.cpu;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.HeapSpace;
import java.lang.reflect.Array;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A buffer in a plain Java array. The scalar backend reads it through {@link #get} and {@link
 * #set}, so that one loop serves every dtype; fast code takes the array itself.
 */
public abstract class HostBuffer extends Buffer {
    private final int offset;

    /** Who takes the array back, if somebody does. */
    private @Nullable Lender owner;

    /** Who lends arrays, and takes them back once their buffer is released. */
    interface Lender {
        void give(DType dtype, Object array);
    }

    private HostBuffer(DType dtype, int length) {
        super(dtype, length);
        this.offset = 0;
    }

    private HostBuffer(HostBuffer whole, int offset, int length) {
        super(whole, offset, length);
        this.offset = whole.offset + offset;
        this.owner = whole.owner;
    }

    /**
     * A new buffer of zeros.
     *
     * @throws OutOfMemoryError saying how much was asked for, and which flag gives Java more
     */
    public static HostBuffer allocate(DType dtype, int length) {
        try {
            return wrap(dtype, zeros(dtype, length));
        } catch (OutOfMemoryError e) {
            throw HeapSpace.error(
                    String.format(Locale.ROOT, "a tensor of %d %s values", length, dtype),
                    (long) length * dtype.bytes(),
                    e);
        }
    }

    private static Object zeros(DType dtype, int length) {
        return switch (dtype) {
            case FLOAT32 -> new float[length];
            case FLOAT64 -> new double[length];
            case INT32 -> new int[length];
            case INT64 -> new long[length];
            case UINT8, BOOL -> new byte[length];
        };
    }

    /** A buffer in a whole array of the dtype's kind. */
    static HostBuffer wrap(DType dtype, Object array) {
        return switch (dtype) {
            case FLOAT32 -> new Floats((float[]) array);
            case FLOAT64 -> new Doubles((double[]) array);
            case INT32 -> new Ints((int[]) array);
            case INT64 -> new Longs((long[]) array);
            case UINT8 -> new Bytes((byte[]) array);
            case BOOL -> new Bytes(DType.BOOL, (byte[]) array);
        };
    }

    /** Lets the array go back when this buffer is released. */
    final void belongsTo(Lender lender) {
        owner = lender;
    }

    @Override
    public final void shown() {
        if (owner instanceof GradientMemory) {
            keep();
        }
    }

    @Override
    public final boolean isManaged() {
        return owner != null;
    }

    @Override
    protected final void free() {
        if (owner != null) {
            owner.give(dtype(), array());
        }
    }

    /** Index of the first element in {@link #array}. */
    public final int offset() {
        return offset;
    }

    /** The array that holds the elements, from {@link #offset} on. */
    @Override
    public abstract Object array();

    /** Element i as a double; bytes are unsigned. */
    public abstract double get(int i);

    /** Sets element i to the dtype's value nearest to v; integers are truncated. */
    public abstract void set(int i, double v);

    /** Element i as a long; floats are truncated. */
    public long getLong(int i) {
        return (long) get(i);
    }

    /** Sets element i of an integer buffer exactly. */
    public void setLong(int i, long v) {
        set(i, (double) v);
    }

    /** Sets element i to element k of {@code x}, which has the same dtype. */
    public final void copy(int i, HostBuffer x, int k) {
        if (dtype() == DType.INT64) {
            setLong(i, x.getLong(k));
        } else {
            set(i, x.get(k));
        }
    }

    @Override
    public abstract HostBuffer slice(int offset, int length);

    final void read(Object target) {
        checkLength(target);
        System.arraycopy(array(), offset, target, 0, length());
    }

    final void write(Object source) {
        checkLength(source);
        System.arraycopy(source, 0, array(), offset, length());
    }

    private void checkLength(Object other) {
        assert Array.getLength(other) == length() : Array.getLength(other) + " != " + length();
    }

    /** float32. */
    public static final class Floats extends HostBuffer {
        final float[] a;
        private final @Nullable Follower follower;

        /** Who goes on with elements that have got their values. */
        public interface Follower {
            /** So many, told of at a time, are in the first-level cache. */
            int PIECE = 1 << 12;

            /** They have. */
            void ready(int from, int length);

            /** All are to be written once more: what was made of them does not count. */
            void again();
        }

        public Floats(float[] a) {
            super(DType.FLOAT32, a.length);
            this.a = a;
            this.follower = null;
        }

        private Floats(Floats whole, int offset, int length, @Nullable Follower follower) {
            super(whole, offset, length);
            this.a = whole.a;
            this.follower = follower;
        }

        /** The same elements, written by somebody who says which are ready. */
        public Floats followedBy(Follower who) {
            return new Floats(this, 0, length(), who);
        }

        /** Whether somebody wants to know. */
        public boolean isFollowed() {
            return follower != null;
        }

        /** Says that these elements have their values: all of them are told of, or none is. */
        public void ready(int from, int length) {
            if (follower != null) {
                follower.ready(from, length);
            }
        }

        /** Says so of the same part of some rows, each of which has {@code ld} elements. */
        public void ready(int row, int rows, int ld, int from, int length) {
            if (length == ld) {
                ready(row * ld, rows * ld);
                return;
            }
            for (int r = row; r < row + rows; r++) {
                ready(r * ld + from, length);
            }
        }

        /** Says that all are to be written once more. */
        public void again() {
            if (follower != null) {
                follower.again();
            }
        }

        @Override
        public float[] array() {
            return a;
        }

        @Override
        public double get(int i) {
            return a[offset() + i];
        }

        @Override
        public void set(int i, double v) {
            a[offset() + i] = (float) v;
        }

        @Override
        public Floats slice(int offset, int length) {
            return new Floats(this, offset, length, null);
        }
    }

    /** float64. */
    static final class Doubles extends HostBuffer {
        final double[] a;

        Doubles(double[] a) {
            super(DType.FLOAT64, a.length);
            this.a = a;
        }

        private Doubles(Doubles whole, int offset, int length) {
            super(whole, offset, length);
            this.a = whole.a;
        }

        @Override
        public double[] array() {
            return a;
        }

        @Override
        public double get(int i) {
            return a[offset() + i];
        }

        @Override
        public void set(int i, double v) {
            a[offset() + i] = v;
        }

        @Override
        public Doubles slice(int offset, int length) {
            return new Doubles(this, offset, length);
        }
    }

    /** int32. */
    static final class Ints extends HostBuffer {
        final int[] a;

        Ints(int[] a) {
            super(DType.INT32, a.length);
            this.a = a;
        }

        private Ints(Ints whole, int offset, int length) {
            super(whole, offset, length);
            this.a = whole.a;
        }

        @Override
        public int[] array() {
            return a;
        }

        @Override
        public double get(int i) {
            return a[offset() + i];
        }

        @Override
        public void set(int i, double v) {
            a[offset() + i] = (int) v;
        }

        @Override
        public Ints slice(int offset, int length) {
            return new Ints(this, offset, length);
        }
    }

    /** int64. */
    public static final class Longs extends HostBuffer {
        final long[] a;

        Longs(long[] a) {
            super(DType.INT64, a.length);
            this.a = a;
        }

        private Longs(Longs whole, int offset, int length) {
            super(whole, offset, length);
            this.a = whole.a;
        }

        @Override
        public long[] array() {
            return a;
        }

        @Override
        public double get(int i) {
            return a[offset() + i];
        }

        @Override
        public void set(int i, double v) {
            a[offset() + i] = (long) v;
        }

        @Override
        public long getLong(int i) {
            return a[offset() + i];
        }

        @Override
        public void setLong(int i, long v) {
            a[offset() + i] = v;
        }

        @Override
        public Longs slice(int offset, int length) {
            return new Longs(this, offset, length);
        }
    }

    /** uint8, and bool as 1 and 0. */
    public static final class Bytes extends HostBuffer {
        final byte[] a;

        public Bytes(byte[] a) {
            this(DType.UINT8, a);
        }

        private Bytes(DType dtype, byte[] a) {
            super(dtype, a.length);
            this.a = a;
        }

        private Bytes(Bytes whole, int offset, int length) {
            super(whole, offset, length);
            this.a = whole.a;
        }

        @Override
        public byte[] array() {
            return a;
        }

        @Override
        public double get(int i) {
            return a[offset() + i] & 0xFF;
        }

        @Override
        public void set(int i, double v) {
            a[offset() + i] = dtype() == DType.BOOL ? (byte) (v != 0 ? 1 : 0) : (byte) (int) v;
        }

        @Override
        public Bytes slice(int offset, int length) {
            return new Bytes(this, offset, length);
        }
    }
}
