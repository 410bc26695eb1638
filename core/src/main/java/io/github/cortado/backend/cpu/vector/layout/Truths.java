package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** From numbers to whether they are not 0, a byte that is 1 or 0; NaN is not. */
final class Truths {
    /** Eight bytes at once. */
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** A bit for each byte, where a product with it brings bits 0 to 7 of a number. */
    private static final long SPREAD = 0x0101010101010101L;

    private static final long BITS = 0x8040201008040201L;

    private Truths() {}

    static Casts.Loop of(HostBuffer x, HostBuffer target) {
        byte[] y = (byte[]) target.array();
        return switch (x.dtype()) {
            case FLOAT32 -> {
                float[] a = (float[]) x.array();
                yield (p, q, n) -> floats(a, p, y, q, n);
            }
            case FLOAT64 -> {
                double[] a = (double[]) x.array();
                yield (p, q, n) -> {
                    for (int i = 0; i < n; i++) {
                        y[q + i] = (byte) (a[p + i] != 0 ? 1 : 0);
                    }
                };
            }
            case INT32 -> {
                int[] a = (int[]) x.array();
                yield (p, q, n) -> {
                    for (int i = 0; i < n; i++) {
                        y[q + i] = (byte) (a[p + i] != 0 ? 1 : 0);
                    }
                };
            }
            case INT64 -> {
                long[] a = (long[]) x.array();
                yield (p, q, n) -> {
                    for (int i = 0; i < n; i++) {
                        y[q + i] = (byte) (a[p + i] != 0 ? 1 : 0);
                    }
                };
            }
            case UINT8, BOOL -> {
                byte[] a = (byte[]) x.array();
                yield (p, q, n) -> {
                    for (int i = 0; i < n; i++) {
                        y[q + i] = (byte) (a[p + i] != 0 ? 1 : 0);
                    }
                };
            }
        };
    }

    /** A vector's comparison is a bit for each lane; eight of them become eight bytes at once. */
    private static void floats(float[] x, int p, byte[] y, int q, int n) {
        int i = 0;
        for (; VL % 8 == 0 && i <= n - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            long lanes = v.compare(VectorOperators.NE, 0f).toLong();
            for (int k = 0; k < VL; k += 8) {
                long spread = ((lanes >>> k) & 0xFF) * SPREAD & BITS;
                // The highest bit of each byte: whether a bit of it is set.
                long set = ((spread & ~0x8080808080808080L) + 0x7F7F7F7F7F7F7F7FL) | spread;
                EIGHT.set(y, q + i + k, (set >>> 7) & SPREAD);
            }
        }
        for (; i < n; i++) {
            y[q + i] = (byte) (x[p + i] != 0f ? 1 : 0);
        }
    }
}
