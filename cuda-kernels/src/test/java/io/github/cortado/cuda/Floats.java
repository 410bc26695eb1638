package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.random.Streams;

/** Buffers of float32 numbers, for tests. */
final class Floats {
    private Floats() {}

    /** n numbers from -1 to 1, the same whenever the stream is the same. */
    static float[] random(int stream, int n) {
        float[] v = new float[n];
        Streams.general(5, stream).uniforms(0, -1, 1, v, 0, n);
        return v;
    }

    static Buffer on(Backend backend, float... values) {
        Buffer b = backend.allocate(DType.FLOAT32, values.length);
        backend.upload(values, b);
        return b;
    }

    static Buffer random(Backend backend, int stream, int n) {
        return on(backend, random(stream, n));
    }

    /** A result that holds what nobody may read. */
    static Buffer rubbish(Backend backend, int n) {
        Buffer b = backend.allocate(DType.FLOAT32, n);
        backend.fill(b, Double.NaN);
        return b;
    }

    static float[] read(Backend backend, Buffer b) {
        float[] v = new float[b.length()];
        backend.download(b, v);
        return v;
    }

    /** Passes if the sums of so many terms agree as well as their rounding lets them. */
    static void assertClose(float[] right, float[] found, int terms, String what) {
        assertClose(right, found, terms, Arithmetic.SUMS, what);
    }

    /** Passes if the sums of so many terms agree as well as their computation lets them. */
    static void assertClose(
            float[] right, float[] found, int terms, Arithmetic arithmetic, String what) {
        assertEquals(right.length, found.length, what);
        for (int i = 0; i < right.length; i++) {
            double limit =
                    arithmetic.factor()
                            * Math.ulp(1f)
                            * (4 + terms)
                            * Math.max(1, Math.abs(right[i]));
            if (!(Math.abs((double) right[i] - found[i]) <= limit)) {
                fail(what + "[" + i + "]: " + found[i] + ", expected " + right[i]);
            }
        }
    }
}
