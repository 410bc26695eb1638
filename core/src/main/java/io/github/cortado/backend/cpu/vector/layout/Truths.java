package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** From numbers to whether they are not 0, a byte that is 1 or 0; NaN is not. */
public final class Truths {
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

    /** Of n floats from place p on, to place q on. */
    public static void floats(float[] x, int p, byte[] y, int q, int n) {
        int i = 0;
        IntVector one = IntVector.broadcast(Casts.INTS, 1);
        for (; Casts.HAS_BYTES && i <= n - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            VectorMask<Integer> isTrue = v.compare(VectorOperators.NE, 0f).cast(Casts.INTS);
            ByteVector bytes =
                    (ByteVector)
                            IntVector.zero(Casts.INTS)
                                    .blend(one, isTrue)
                                    .convertShape(VectorOperators.I2B, Casts.BYTES, 0);
            bytes.intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] = (byte) (x[p + i] != 0f ? 1 : 0);
        }
    }
}
