package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.REVERSED;

import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Copies elements of one type from an array to another; a class for each type, as arrays are. */
interface Elements {
    /** n elements: from place p on every {@code by}-th, to place q on every {@code to}-th. */
    void copy(int p, int by, int q, int to, int n);

    /** n neighbours, from place p on to place q on. */
    void copy(int p, int q, int n);

    /** The element at place p, n times, to place q on. */
    default void repeat(int p, int q, int n) {
        copy(p, 0, q, 1, n);
    }

    /** n neighbours, from place p down, to place q up. */
    default void reverse(int p, int q, int n) {
        copy(p, -1, q, 1, n);
    }

    /**
     * Eight lines of n neighbours, which begin {@code apart} from each other, become n rows of
     * eight neighbours, which begin {@code step} from each other.
     */
    default void turn(int p, int apart, int q, int step, int n) {
        for (int i = 0; i < n; i++) {
            copy(p + i, apart, q + i * step, 1, 8);
        }
    }

    /** Those of two buffers of one type; places are those of their arrays. */
    static Elements of(HostBuffer x, HostBuffer y) {
        return switch (x.dtype()) {
            case FLOAT32 -> new Floats((float[]) x.array(), (float[]) y.array());
            case FLOAT64 -> new Doubles((double[]) x.array(), (double[]) y.array());
            case INT32 -> new Ints((int[]) x.array(), (int[]) y.array());
            case INT64 -> new Longs((long[]) x.array(), (long[]) y.array());
            case UINT8, BOOL -> new Bytes((byte[]) x.array(), (byte[]) y.array());
        };
    }

    /** float32. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Floats(float[] x, float[] y) implements Elements {
        @Override
        public void copy(int p, int by, int q, int to, int n) {
            for (int i = 0; i < n; i++) {
                y[q + i * to] = x[p + i * by];
            }
        }

        @Override
        public void copy(int p, int q, int n) {
            System.arraycopy(x, p, y, q, n);
        }

        @Override
        public void repeat(int p, int q, int n) {
            Arrays.fill(y, q, q + n, x[p]);
        }

        @Override
        public void reverse(int p, int q, int n) {
            int i = 0;
            for (; i <= n - VL; i += VL) {
                FloatVector.fromArray(SPECIES, x, p - i - (VL - 1))
                        .rearrange(REVERSED)
                        .intoArray(y, q + i);
            }
            for (; i < n; i++) {
                y[q + i] = x[p - i];
            }
        }

        @Override
        public void turn(int p, int apart, int q, int step, int n) {
            turn(x, p, apart, y, q, step, n);
        }

        private static void turn(float[] x, int p, int apart, float[] y, int q, int step, int n) {
            int p1 = p + apart;
            int p2 = p1 + apart;
            int p3 = p2 + apart;
            int p4 = p3 + apart;
            int p5 = p4 + apart;
            int p6 = p5 + apart;
            int p7 = p6 + apart;
            for (int i = 0; i < n; i++) {
                int to = q + i * step;
                y[to] = x[p + i];
                y[to + 1] = x[p1 + i];
                y[to + 2] = x[p2 + i];
                y[to + 3] = x[p3 + i];
                y[to + 4] = x[p4 + i];
                y[to + 5] = x[p5 + i];
                y[to + 6] = x[p6 + i];
                y[to + 7] = x[p7 + i];
            }
        }
    }

    /** float64. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Doubles(double[] x, double[] y) implements Elements {
        @Override
        public void copy(int p, int by, int q, int to, int n) {
            for (int i = 0; i < n; i++) {
                y[q + i * to] = x[p + i * by];
            }
        }

        @Override
        public void copy(int p, int q, int n) {
            System.arraycopy(x, p, y, q, n);
        }
    }

    /** int32. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Ints(int[] x, int[] y) implements Elements {
        @Override
        public void copy(int p, int by, int q, int to, int n) {
            for (int i = 0; i < n; i++) {
                y[q + i * to] = x[p + i * by];
            }
        }

        @Override
        public void copy(int p, int q, int n) {
            System.arraycopy(x, p, y, q, n);
        }
    }

    /** int64. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Longs(long[] x, long[] y) implements Elements {
        @Override
        public void copy(int p, int by, int q, int to, int n) {
            for (int i = 0; i < n; i++) {
                y[q + i * to] = x[p + i * by];
            }
        }

        @Override
        public void copy(int p, int q, int n) {
            System.arraycopy(x, p, y, q, n);
        }
    }

    /** uint8 and bool. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Bytes(byte[] x, byte[] y) implements Elements {
        @Override
        public void copy(int p, int by, int q, int to, int n) {
            for (int i = 0; i < n; i++) {
                y[q + i * to] = x[p + i * by];
            }
        }

        @Override
        public void copy(int p, int q, int n) {
            System.arraycopy(x, p, y, q, n);
        }
    }
}
