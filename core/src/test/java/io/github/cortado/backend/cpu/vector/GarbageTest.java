package io.github.cortado.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Functional;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a call leaves once it is compiled, after other operations were: its result and little more.
 * JDK 17 makes objects of the vectors of some loops in one order of compiling and not in another,
 * so that a fault shows in some runs only: rows that were turned in registers failed in one of
 * three.
 */
@Tag("vector-only")
class GarbageTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes beside a result: plans, chunks, what a worker is told. */
    private static final long LITTLE = 1 << 19;

    private static final int ATTEMPTS = 8;
    private static final int WARM_UP = 1500;
    private static final int CALLS = 100;

    private static final Tensor X = Tensor.zeros(1 << 18).add(1.5);

    @BeforeAll
    static void compileOthers() {
        Tensor matrix = X.reshape(512, 512);
        Tensor bytes = X.to(DType.UINT8);
        for (int i = 0; i < WARM_UP; i++) {
            run(() -> bytes.to(DType.FLOAT32));
            run(() -> matrix.argmax(1));
            run(() -> Functional.tanh(X));
        }
    }

    private static void run(Supplier<Tensor> operation) {
        try (var noGrad = Autograd.noGrad()) {
            operation.get().device().synchronize();
        }
    }

    /** In the end: until C2 has compiled it all, every vector is an object. */
    private static void leavesLittle(long result, Supplier<Tensor> operation) {
        long thread = Thread.currentThread().getId();
        long left = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && left >= LITTLE; attempt++) {
            for (int i = 0; i < WARM_UP; i++) {
                run(operation);
            }
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < CALLS; i++) {
                run(operation);
            }
            left = (THREADS.getThreadAllocatedBytes(thread) - before) / CALLS - result;
        }
        assertTrue(left < LITTLE, left + " bytes beside a result of " + result);
    }

    @Test
    void products() {
        Tensor x = Tensor.zeros(100, 1024).add(1);
        Tensor w = Tensor.zeros(500, 1024).add(1);
        leavesLittle(4 * 100 * 500, () -> Functional.linear(x, w, null));
    }

    @Test
    void dropout() {
        leavesLittle(4 * X.size(), () -> Functional.dropout(X, 0.5, 1, 0, 0));
    }

    @Test
    void normalisationsWithTheirRelu6() {
        Tensor x = X.reshape(16, 64, 16, 16);
        Tensor w = Tensor.zeros(64).add(1);
        leavesLittle(
                4 * X.size(),
                () -> Functional.relu6(Functional.batchNorm(x, null, null, w, w, true, 0.1, 1e-5)));
    }
}
