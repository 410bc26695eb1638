package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.DType;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * From one type to another as Java converts, on all threads: floats are truncated, and what is too
 * large for int32 is the largest there. Plain loops, for C2 to turn into vector code; JDK 17 does
 * that with none of them, and those that pictures and labels go through are on vectors therefore.
 */
final class Casts {
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /** As many bytes as a vector of floats has lanes. */
    static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * VL)));

    static final boolean HAS_BYTES = BYTES.length() == VL;

    /** From here on floats are whole numbers, one apart, and their low bits count up. */
    private static final float TWO_23 = 8388608f;

    private static final int TWO_23_BITS = 0x4B000000;

    private Casts() {}

    /** n elements from place p on, to place q on. */
    @FunctionalInterface
    interface Loop {
        void run(int p, int q, int n);
    }

    /** y = x. */
    static void run(HostBuffer x, HostBuffer y) {
        Loop loop = loop(x, y);
        Parallel.forRanges(
                x.length(), (from, n) -> loop.run(x.offset() + from, y.offset() + from, n));
    }

    private static Loop loop(HostBuffer x, HostBuffer y) {
        boolean areBytes = x.dtype() == DType.BOOL && y.dtype() == DType.UINT8;
        if (x.dtype() == y.dtype() || areBytes) {
            return (p, q, n) -> System.arraycopy(x.array(), p, y.array(), q, n);
        }
        if (y.dtype() == DType.BOOL) {
            return Truths.of(x, y);
        }
        return switch (x.dtype()) {
            case FLOAT32 -> from((float[]) x.array(), y);
            case FLOAT64 -> from((double[]) x.array(), y);
            case INT32 -> from((int[]) x.array(), y);
            case INT64 -> from((long[]) x.array(), y);
            case UINT8, BOOL -> from((byte[]) x.array(), y);
        };
    }

    /** y = y + by, of int64. */
    static void increment(HostBuffer y, long by) {
        long[] a = (long[]) y.array();
        Parallel.forRanges(
                y.length(),
                (from, n) -> {
                    for (int i = y.offset() + from; i < y.offset() + from + n; i++) {
                        a[i] += by;
                    }
                });
    }

    private static Loop from(float[] x, HostBuffer target) {
        if (target.array() instanceof double[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i];
                }
            };
        }
        if (target.array() instanceof int[] y) {
            return (p, q, n) -> truncate(x, p, y, q, n);
        }
        if (target.array() instanceof long[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = (long) x[p + i];
                }
            };
        }
        byte[] y = (byte[]) target.array();
        return (p, q, n) -> {
            for (int i = 0; i < n; i++) {
                y[q + i] = (byte) (int) x[p + i];
            }
        };
    }

    /** Block by block on vectors, or one by one where numbers are large or none. */
    private static void truncate(float[] x, int p, int[] y, int q, int n) {
        int whole = n / VL * VL;
        for (int i = 0; i < whole; i += 1024) {
            int length = Math.min(1024, whole - i);
            if (!truncateSmall(x, p + i, y, q + i, length)) {
                truncateAny(x, p + i, y, q + i, length);
            }
        }
        truncateAny(x, p + whole, y, q + whole, n - whole);
    }

    private static void truncateAny(float[] x, int p, int[] y, int q, int n) {
        for (int i = 0; i < n; i++) {
            y[q + i] = (int) x[p + i];
        }
    }

    /** What is below 2^23: added to that, the fraction is rounded away. False where more is met. */
    private static boolean truncateSmall(float[] x, int p, int[] y, int q, int n) {
        boolean areSmall = true;
        for (int i = 0; i < n; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector size = v.abs();
            FloatVector nearest = size.add(TWO_23).sub(TWO_23);
            VectorMask<Float> isAbove = nearest.compare(VectorOperators.GT, size);
            IntVector whole =
                    nearest.blend(nearest.sub(1f), isAbove)
                            .add(TWO_23)
                            .reinterpretAsInts()
                            .sub(TWO_23_BITS);
            IntVector sign = v.reinterpretAsInts().lanewise(VectorOperators.ASHR, 31);
            whole.lanewise(VectorOperators.XOR, sign).sub(sign).intoArray(y, q + i);
            areSmall &= size.compare(VectorOperators.LT, TWO_23).allTrue();
        }
        return areSmall;
    }

    private static Loop from(double[] x, HostBuffer target) {
        if (target.array() instanceof float[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = (float) x[p + i];
                }
            };
        }
        if (target.array() instanceof int[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = (int) x[p + i];
                }
            };
        }
        if (target.array() instanceof long[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = (long) x[p + i];
                }
            };
        }
        byte[] y = (byte[]) target.array();
        return (p, q, n) -> {
            for (int i = 0; i < n; i++) {
                y[q + i] = (byte) (int) x[p + i];
            }
        };
    }

    private static Loop from(int[] x, HostBuffer target) {
        if (target.array() instanceof float[] y) {
            return (p, q, n) -> floats(x, p, y, q, n);
        }
        if (target.array() instanceof double[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i];
                }
            };
        }
        if (target.array() instanceof long[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i];
                }
            };
        }
        byte[] y = (byte[]) target.array();
        return (p, q, n) -> {
            for (int i = 0; i < n; i++) {
                y[q + i] = (byte) x[p + i];
            }
        };
    }

    private static void floats(int[] x, int p, float[] y, int q, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            IntVector v = IntVector.fromArray(INTS, x, p + i);
            ((FloatVector) v.convert(VectorOperators.I2F, 0)).intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] = x[p + i];
        }
    }

    private static Loop from(long[] x, HostBuffer target) {
        if (target.array() instanceof float[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i];
                }
            };
        }
        if (target.array() instanceof double[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i];
                }
            };
        }
        if (target.array() instanceof int[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = nearest(x[p + i]);
                }
            };
        }
        byte[] y = (byte[]) target.array();
        return (p, q, n) -> {
            for (int i = 0; i < n; i++) {
                y[q + i] = (byte) nearest(x[p + i]);
            }
        };
    }

    private static int nearest(long v) {
        int low = (int) v;
        return low == v ? low : v < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    private static Loop from(byte[] x, HostBuffer target) {
        if (target.array() instanceof float[] y) {
            return (p, q, n) -> floats(x, p, y, q, n);
        }
        if (target.array() instanceof double[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i] & 0xFF;
                }
            };
        }
        if (target.array() instanceof int[] y) {
            return (p, q, n) -> {
                for (int i = 0; i < n; i++) {
                    y[q + i] = x[p + i] & 0xFF;
                }
            };
        }
        long[] y = (long[]) target.array();
        return (p, q, n) -> {
            for (int i = 0; i < n; i++) {
                y[q + i] = x[p + i] & 0xFF;
            }
        };
    }

    private static void floats(byte[] x, int p, float[] y, int q, int n) {
        int i = 0;
        for (; HAS_BYTES && i <= n - VL; i += VL) {
            ByteVector v = ByteVector.fromArray(BYTES, x, p + i);
            IntVector ints = (IntVector) v.convertShape(VectorOperators.B2I, INTS, 0);
            FloatVector above = ints.and(0xFF).or(TWO_23_BITS).reinterpretAsFloats();
            above.sub(TWO_23).intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] = x[p + i] & 0xFF;
        }
    }
}
