package io.github.cortado.backend.cpu.vector.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.cpu.vector.VectorBackend;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sizes that are cut into strips, lie side by side, or overlap in odd ways. */
@Tag("vector-only")
public class PlanePoolingTest {
    private static final Pool2dSpec[] SPECS = {
        new Pool2dSpec(2, 3, 112, 112, 3, 3, 2, 2, 1, 1, true),
        new Pool2dSpec(1, 1, 300, 257, 3, 3, 2, 2, 1, 1, false),
        new Pool2dSpec(2, 2, 223, 128, 3, 3, 2, 2, 0, 0, false),
        new Pool2dSpec(1, 2, 310, 301, 3, 3, 2, 2, 0, 1, true),
        new Pool2dSpec(2, 3, 9, 6, 3, 3, 2, 2, 1, 0, true),
        new Pool2dSpec(5, 3, 3, 3, 3, 3, 2, 2, 0, 0, true),
        new Pool2dSpec(1, 2, 400, 400, 5, 5, 1, 1, 2, 2, true),
        new Pool2dSpec(40, 3, 7, 7, 3, 3, 1, 1, 1, 1, false),
        new Pool2dSpec(33, 2, 5, 9, 2, 3, 1, 2, 1, 0, true),
        new Pool2dSpec(4, 5, 12, 11, 3, 2, 3, 4, 0, 1, true),
        new Pool2dSpec(3, 16, 7, 7, 7, 7, 7, 7, 0, 0, true),
        new Pool2dSpec(3, 4, 8, 8, 2, 2, 1, 1, 0, 0, true),
        new Pool2dSpec(1, 2, 6, 6, 4, 4, 2, 2, 2, 2, false),
    };

    private final Backend fast = new VectorBackend();
    private final Backend plain = new ScalarBackend();
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void equalsTheScalarBackendOnAnyNumberOfThreads() {
        for (Pool2dSpec s : SPECS) {
            float[][] expected = run(plain, s);
            for (int count : new int[] {1, 2, 7}) {
                Parallel.setThreads(count);
                float[][] actual = run(fast, s);
                for (int i = 0; i < expected.length; i++) {
                    assertArrayEquals(expected[i], actual[i], 2e-6f, s + ", result " + i);
                }
            }
        }
    }

    /** Everything that pooling computes, of inputs with ties, zeros, NaN and negative infinity. */
    private static float[][] run(Backend b, Pool2dSpec s) {
        int size = s.n() * s.channels() * s.h() * s.w();
        int outputs = s.n() * s.channels() * s.outH() * s.outW();
        float[] values = RandomValues.random(size, 1);
        for (int i = 0; i < size; i++) {
            values[i] = Math.round(20 * values[i]) / 8f;
        }
        Buffer finite = buffer(b, values.clone());
        Arrays.fill(values, 0, Math.min(size, 2 * s.w()), Float.NEGATIVE_INFINITY);
        for (int i = 5; i < size; i += 3) {
            values[i] = values[i] == 0f ? -0f : values[i];
        }
        Buffer numbers = buffer(b, values.clone());
        for (int i = 17; i < size; i += 101) {
            values[i] = Float.NaN;
        }
        Buffer x = buffer(b, values);
        Buffer dy = buffer(b, RandomValues.random(outputs, 2));
        Buffer[] results = new Buffer[8];
        Arrays.setAll(results, i -> buffer(b, new float[i % 2 == 0 ? outputs : size]));
        Buffer index = b.allocate(DType.UINT8, outputs);
        b.maxPool2d(x, results[0], s);
        b.maxPool2dGrad(x, dy, results[1], s);
        b.reluMaxPool2d(x, results[2], index, s);
        b.reluMaxPool2dGrad(dy, index, results[3], s);
        b.avgPool2d(finite, results[4], s);
        b.avgPool2dGrad(dy, results[5], s);
        b.maxPool2d(numbers, results[6], s);
        b.maxPool2dGrad(numbers, dy, results[7], s);
        float[][] out = new float[results.length][];
        Arrays.setAll(out, i -> ((HostBuffer.Floats) results[i]).array());
        return out;
    }

    private static Buffer buffer(Backend b, float[] values) {
        Buffer buffer = b.allocate(DType.FLOAT32, values.length);
        System.arraycopy(values, 0, ((HostBuffer.Floats) buffer).array(), 0, values.length);
        return buffer;
    }
}
