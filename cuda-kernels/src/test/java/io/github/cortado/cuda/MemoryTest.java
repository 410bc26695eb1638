package io.github.cortado.cuda;

import static io.github.cortado.nn.Functional.crossEntropy;
import static io.github.cortado.nn.Functional.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Scope;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who may read what for how long, and that nobody has to close anything. */
@Tag("gpu")
class MemoryTest {
    private static Device cuda;

    @BeforeAll
    static void open() {
        cuda = CudaDevice.open();
    }

    /** Bytes in use once the garbage collector has found what earlier tests left. */
    private static long settled() {
        Autograd.keepOutputs();
        long bytes = cuda.bytesInUse();
        for (int calm = 0; calm < 3; ) {
            System.gc();
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            long now = cuda.bytesInUse();
            calm = now == bytes ? calm + 1 : 0;
            bytes = now;
        }
        return bytes;
    }

    private static Tensor leaf(float... values) {
        return Tensor.of(values, values.length).to(cuda).copy().requiresGrad(true);
    }

    @Test
    void outputsAreReadableUntilTheSecondBackwardAndSayWhatToDoAfterIt() {
        Tensor w = leaf(1, -2, 3);
        Tensor y = relu(w);
        Tensor kept = y.mul(2).keep();
        kept.sum().backward();
        assertArrayEquals(new float[] {1, 0, 3}, y.toFloats());
        relu(w).sum().backward();
        var e = assertThrows(IllegalStateException.class, y::toFloats);
        assertEquals(
                "the memory of this float32 tensor of 3 elements is gone: it was made by relu and"
                        + " released by the second backward() after that; call keep() on it before",
                e.getMessage());
        assertArrayEquals(new float[] {2, 0, 6}, kept.toFloats());
        assertArrayEquals(new float[] {3, 0, 3}, w.grad().toFloats());
    }

    @Test
    void anOutputThatTheNextPassReadsStays() {
        Tensor w = leaf(1, 2);
        Tensor state = w.mul(3);
        state.sum().backward();
        // Carried on, as between the pieces of a long sequence.
        Tensor y = w.mul(state.detach());
        w.grad(null);
        y.sum().backward();
        assertArrayEquals(new float[] {3, 6}, w.grad().toFloats());
        assertArrayEquals(new float[] {3, 6}, state.toFloats());
    }

    @Test
    void gradientsThatMeetAreAddedWhateverPathTheyCome() {
        // x reaches the sum four times, twice through one node, once through a view.
        Tensor x = leaf(1, -2, 3, 4);
        Tensor y = x.mul(2);
        Tensor z = y.add(y).add(y.reshape(2, 2).reshape(4)).add(y.mul(y));
        z.add(x).sum().backward();
        Tensor again = leaf(1, -2, 3, 4);
        assertArrayEquals(new float[] {15, -9, 31, 39}, x.grad().toFloats());
        Tensor twice = again.mul(again);
        twice.add(twice).sum().backward();
        assertArrayEquals(new float[] {4, -8, 12, 16}, again.grad().toFloats());
    }

    @Test
    void aBackwardPassHoldsNoMoreThanItNeeds() {
        Tensor x = leaf(new float[100_000]);
        long before = settled();
        Tensor y = x;
        for (int i = 0; i < 20; i++) {
            y = y.mul(1.01);
        }
        Tensor loss = y.sum();
        long forward = cuda.bytesInUse() - before;
        loss.backward();
        long after = cuda.bytesInUse() - before;
        // The leaf's gradient, and a loss of a few bytes; the other gradients went on the way.
        assertTrue(after - forward < 2 * 400_000, after + " after, " + forward + " before");
    }

    @Test
    void aScopeReleasesWhatWasMadeInItAndNotKept() {
        Tensor x = leaf(1, 2, 3);
        long before = settled();
        Tensor kept;
        Tensor gone;
        try (var pause = Autograd.noGrad();
                Scope scope = Scope.open()) {
            gone = x.mul(2);
            kept = gone.mul(2).keep();
            try (Scope inner = Scope.open()) {
                gone.mul(3);
            }
        }
        assertEquals(12, cuda.bytesInUse() - before);
        assertArrayEquals(new float[] {4, 8, 12}, kept.toFloats());
        var e = assertThrows(IllegalStateException.class, gone::toFloats);
        assertTrue(e.getMessage().contains("scope"), e.getMessage());
    }

    @Test
    void whatNobodyRefersToGoesByItself() {
        Tensor x = leaf(new float[250_000]);
        long before = settled();
        try (var pause = Autograd.noGrad()) {
            for (int i = 0; i < 50; i++) {
                x.mul(2);
            }
        }
        assertEquals(before, settled());
    }

    @Test
    void aNaiveTrainingLoopHasFlatMemory() {
        Seed.manualSeed(1);
        LeNet net = LeNet.small();
        net.to(cuda);
        Adam adam = new Adam(net.parameters());
        Tensor images = Tensor.full(0.3, 4, 3, 8, 8).to(cuda);
        Tensor labels = Tensor.of(new long[] {1, 2, 3, 4}).to(cuda);
        settled();
        long after10 = 0;
        for (int step = 0; step < 60; step++) {
            Tensor loss = crossEntropy(net.forward(images), labels);
            adam.zeroGrad();
            loss.backward();
            adam.step();
            loss.item();
            if (step == 9) {
                after10 = cuda.bytesInUse();
            }
        }
        // Less, where the garbage collector came by.
        assertTrue(cuda.bytesInUse() <= after10, cuda.bytesInUse() + ", after ten " + after10);
    }

    @Test
    void aRecordedStepGivesItsMemoryBack() {
        Tensor x = leaf(1, 2, 3);
        long before = settled();
        Tensor result;
        try (CompiledStep<Tensor> step = cuda.compile(() -> x.detach().mul(2))) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            result = step.run();
            assertArrayEquals(new float[] {2, 4, 6}, result.toFloats());
        }
        assertThrows(IllegalStateException.class, result::toFloats);
        assertEquals(before, settled());
    }

    @Test
    void aReadInAStepThatIsRecordedNamesItsLine() {
        Tensor x = leaf(1, 2, 3);
        refused("reading values", () -> x.sum().item());
        refused("taking values from a Java array", () -> Tensor.of(new float[] {1, 2}).to(cuda));
        refused("waiting for the GPU", cuda::synchronize);
    }

    private static void refused(String what, Runnable read) {
        try (CompiledStep<String> step =
                cuda.compile(
                        () -> {
                            read.run();
                            return "";
                        })) {
            Executable steps =
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            step.run();
                        }
                    };
            var e = assertThrows(IllegalStateException.class, steps);
            assertTrue(e.getMessage().startsWith(what), e.getMessage());
            assertTrue(e.getMessage().contains("MemoryTest.java:"), e.getMessage());
        }
        // Nothing is left of the attempt.
        assertArrayEquals(
                new float[] {1, 2, 3}, Tensor.of(new float[] {1, 2, 3}).to(cuda).toFloats());
    }
}
