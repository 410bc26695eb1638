package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows with holes beside loops over what lies in each. */
class PoolWindowsTest {
    private static final int LINES = 6;

    static List<Device> devices() {
        return CpuDevices.all();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void windowsWithHolesAreThoseOfPlainLoops(Device device) {
        Random random = new Random(7);
        int interleaved = 0;
        for (int i = 0; i < 600; i++) {
            int n = 1 + random.nextInt(24);
            int kernel = 2 + random.nextInt(3);
            int stride = 1 + random.nextInt(3);
            int dilation = stride * (1 + random.nextInt(3));
            int pad = random.nextInt(kernel / 2 + 1);
            boolean ceil = random.nextBoolean();
            var along = new PoolWindows.Along(kernel, stride, pad, dilation, ceil);
            if (along.count(n) > 0) {
                interleaved++;
                check(device, along, n, ceil, random);
            }
        }
        assertTrue(interleaved > 200, interleaved + " that fit");
    }

    private static void check(
            Device device, PoolWindows.Along a, int n, boolean ceil, Random random) {
        float[] x = new float[LINES * n];
        for (int i = 0; i < x.length; i++) {
            // Of few values, so that some are equal.
            x[i] = random.nextInt(12) == 0 ? Float.NaN : random.nextInt(5) - 2;
        }
        int count = a.count(n);
        float[] y = new float[LINES * count];
        float[] dx = new float[x.length];
        for (int line = 0; line < LINES; line++) {
            for (int i = 0; i < count; i++) {
                int best = -1;
                for (int j = 0; j < a.kernel(); j++) {
                    int at = i * a.stride() + j * a.dilation() - a.pad();
                    if (at < 0 || at >= n) {
                        continue;
                    }
                    float v = x[line * n + at];
                    float most = best < 0 ? Float.NEGATIVE_INFINITY : x[line * n + best];
                    if (best < 0 || v > most || Float.isNaN(v) && !Float.isNaN(most)) {
                        best = at;
                    }
                }
                int k = line * count + i;
                y[k] = best < 0 ? Float.NEGATIVE_INFINITY : x[line * n + best];
                if (best >= 0) {
                    dx[line * n + best] += k % 7;
                }
            }
        }
        String what = device + " " + a + " of " + n + " " + Arrays.toString(x);
        Tensor in = Tensor.of(x, 2, LINES / 2, n).to(device).requiresGrad(true);
        Tensor out = Functional.maxPool1d(in, a.kernel(), a.stride(), a.pad(), a.dilation(), ceil);
        assertArrayEquals(y, out.toFloats(), what);
        float[] weights = new float[y.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i % 7;
        }
        out.backward(Tensor.of(weights, out.shape()).to(device));
        assertArrayEquals(dx, in.grad().toFloats(), what);
    }
}
