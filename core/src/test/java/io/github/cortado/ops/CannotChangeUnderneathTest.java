package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a result that waits is computed from is as it was where the operation is written. */
class CannotChangeUnderneathTest {
    private static Tensor row() {
        return Tensor.of(new float[] {1, 2, 3, 4, 5, 6});
    }

    @Test
    void aStepWritesToWhatResultsWereComputedFrom() {
        Tensor w = row().requiresGrad(true);
        Tensor v = row().requiresGrad(true);
        SGD sgd = new SGD(List.of(w, v), 1);
        for (int i = 0; i < 3; i++) {
            // Before the first step both move to memory that they share.
            Tensor unread = w.mul(2);
            Tensor inner = v.detach().mul(3);
            Tensor outer = inner.add(1);
            float[] expected = w.toFloats();
            sgd.zeroGrad();
            w.sum().backward();
            Tensor last = w.detach().mul(5);
            sgd.step();
            assertEquals(2 * expected[0], unread.toFloats()[0]);
            assertEquals(5 * expected[0], last.toFloats()[0]);
            assertEquals(expected[0] - 1, w.toFloats()[0]);
            // No gradient came to v: its part of that memory is as it was.
            assertEquals(4, outer.toFloats()[0]);
            assertEquals(3, inner.toFloats()[0]);
        }
        Tensor inner = w.detach().mul(2);
        assertEquals(-4 + 1, inner.add(1).toFloats()[0]);
        sgd.step();
        assertThrows(IllegalStateException.class, inner::toFloats);
    }

    @Test
    void aWriteToAViewIsAWriteToAll() {
        Tensor x = row();
        Tensor unread = x.mul(2);
        Tensor inner = x.reshape(2, 3).mul(3);
        Tensor outer = inner.add(1);
        assertEquals(4, outer.toFloats()[0]);
        x.reshape(3, 2).narrow(0, 0, 1).fill(9);
        assertArrayEquals(new float[] {2, 4, 6, 8, 10, 12}, unread.toFloats());
        assertArrayEquals(new float[] {3, 6, 9, 12, 15, 18}, inner.toFloats());
        assertArrayEquals(new float[] {9, 9, 3, 4, 5, 6}, x.toFloats());
    }

    @Test
    void aCopyAndACountAreWritesToo() {
        Tensor x = row();
        Tensor copied = x.mul(2);
        x.copyFrom(x.detach().add(1));
        Tensor counter = Tensor.of(new long[] {3});
        Tensor before = counter.to(DType.FLOAT32).mul(2);
        counter.increment(1);
        assertEquals(2, copied.toFloats()[0]);
        assertEquals(6, before.item());
        Tensor moved = x.mul(5);
        Tensor alone = row();
        Tensor there = alone.mul(7);
        alone.move(Device.cpuScalar(), DType.FLOAT64);
        alone.fill(0);
        assertEquals(7, there.toFloats()[0]);
        assertEquals(10, moved.toFloats()[0]);
    }

    @Test
    void aBatchWritesTheRunningStatistics() {
        BatchNorm2d norm = new BatchNorm2d(1);
        Tensor mean = norm.stateDict().get("running_mean");
        Tensor unread = mean.add(1);
        Tensor inner = mean.mul(3);
        Tensor trained = Tensor.ones(1).requiresGrad(true).mul(mean);
        assertEquals(1, inner.add(1).item());
        norm.forward(row().reshape(6, 1, 1, 1));
        assertTrue(mean.item() > 0.1);
        assertEquals(1, unread.item());
        assertEquals(0, inner.item());
        assertEquals(0, trained.item());
        assertThrows(IllegalStateException.class, trained::backward);
        Tensor x = row().reshape(6, 1, 1, 1);
        norm.eval();
        Tensor evaluated = norm.forward(x);
        norm.train();
        norm.forward(x.mul(10));
        float[] found = evaluated.toFloats();
        BatchNorm2d other = new BatchNorm2d(1);
        other.forward(x);
        assertArrayEquals(other.eval().forward(x).toFloats(), found);
    }

    @Test
    void aGradientIsAddedToAfterWhatReadsIt() {
        Tensor w = row().requiresGrad(true);
        w.mul(2).sum().backward();
        Tensor unread = w.grad().mul(10);
        Tensor inner = w.grad().mul(3);
        Tensor outer = inner.add(1);
        assertEquals(7, outer.toFloats()[0]);
        w.mul(5).sum().backward();
        assertEquals(7, w.grad().toFloats()[0]);
        assertEquals(20, unread.toFloats()[0]);
        assertEquals(6, inner.toFloats()[0]);
    }

    @Test
    void whatComesBehindABackwardIsComputedFromWhatItKept() {
        Tensor w = Tensor.ones(2).requiresGrad(true);
        Tensor wrong = row();
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor x = row().reshape(3, 2);
                                    Tensor norm =
                                            Functional.batchNorm(
                                                    x, null, null, w, null, true, 0.1, 0);
                                    Tensor cut = Functional.relu6(norm);
                                    w.grad(null);
                                    cut.sum().backward();
                                    for (int i = 0; i < 5; i++) {
                                        Tensor.full(-1, 2).mul(1).toFloats();
                                    }
                                    assertEquals(-1.2247, norm.toFloats()[0], 1e-3);
                                    return wrong;
                                })) {
            for (int i = 0; i < 5; i++) {
                step.run();
            }
        }
    }

    /**
     * In a compiled step memory is used again, as on a GPU: what was there is another's by then.
     */
    @Test
    void theSecondBackwardReleasesWhatNoResultThatWaitsIsComputedFrom() {
        Tensor w = row().requiresGrad(true);
        Tensor wrong = row();
        int[] runs = new int[1];
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    w.grad(null);
                                    Tensor h = Functional.silu(w.mul(2));
                                    float expected = h.toFloats()[5];
                                    h.sum().backward();
                                    Tensor unread = h.detach().mul(10);
                                    Tensor inner = h.detach().mul(3);
                                    Tensor outer = inner.add(1);
                                    outer.toFloats();
                                    for (int i = 0; i < 3; i++) {
                                        Functional.silu(w.mul(3)).sum().backward();
                                    }
                                    for (int i = 0; i < 5; i++) {
                                        Tensor.full(-1, 6).mul(1).toFloats();
                                    }
                                    assertEquals(10 * expected, unread.toFloats()[5]);
                                    if (runs[0]++ >= 2) {
                                        assertThrows(IllegalStateException.class, inner::toFloats);
                                    } else {
                                        assertEquals(3 * expected, inner.toFloats()[5]);
                                    }
                                    return wrong;
                                })) {
            for (int i = 0; i < 5; i++) {
                step.run();
            }
        }
    }

    @Test
    void whatAStepLeavesOpenIsComputedBeforeTheNextBegins() {
        Tensor x = row();
        List<Tensor> left = new ArrayList<>();
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y = x.mul(2);
                                    left.add(y.mul(3));
                                    return y.add(1);
                                })) {
            for (int i = 0; i < 5; i++) {
                Tensor before = x.mul(7);
                Tensor y = step.run();
                x.fill(i);
                assertEquals(i == 0 ? 7 : 7 * (i - 1), before.toFloats()[0]);
                assertEquals(i == 0 ? 3 : 2 * (i - 1) + 1, y.toFloats()[0]);
                assertEquals(i == 0 ? 6 : 6 * (i - 1), left.get(i).toFloats()[0]);
            }
        }
    }
}
