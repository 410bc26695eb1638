package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Results that wait on one thread and are asked for, or used, on another. */
class PendingThreadsTest {
    private static Tensor row() {
        return Tensor.of(new float[] {1, 2, 3, 4, 5, 6});
    }

    /** Zeros, while the computing of which something else happens. */
    private static final class Zeros extends Pending {
        private final Runnable meanwhile;

        Zeros(Tensor like, Runnable meanwhile) {
            super("zeros", like, like.shape(), List.of(like));
            this.meanwhile = meanwhile;
        }

        @Override
        protected void compute(Buffer y) {
            meanwhile.run();
            device().backend().fill(y, 0);
        }
    }

    private static void onAnother(Runnable code) {
        try {
            CompletableFuture.runAsync(code, task -> new Thread(task).start()).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("on another thread", e);
        }
    }

    @Test
    void theValueThatTwoThreadsForceIsOne() throws Exception {
        AtomicInteger computed = new AtomicInteger();
        Thread[] second = new Thread[1];
        Tensor y =
                new Zeros(
                                row(),
                                () -> {
                                    // Until the other has come as far as it can.
                                    if (computed.incrementAndGet() == 1) {
                                        second[0].start();
                                        while (second[0].getState() != Thread.State.BLOCKED
                                                && second[0].isAlive()) {
                                            Thread.onSpinWait();
                                        }
                                    }
                                })
                        .result();
        Tensor view = y.detach();
        second[0] = new Thread(view::toFloats);
        y.toFloats();
        second[0].join();
        assertEquals(1, computed.get());
        assertTrue(view.sharesMemoryWith(y));
    }

    /** In the middle of a chain, of which the other thread asks for what a gradient reads. */
    @Test
    void whatAnotherThreadWasToldStays() {
        Tensor x = row().requiresGrad(true);
        Tensor inner = x.add(1);
        Tensor told = inner.detach();
        Tensor later = inner.detach();
        Tensor zeros = new Zeros(row(), () -> onAnother(told::toFloats)).result();
        Tensor outer = Functional.silu(inner).add(zeros);
        outer.toFloats();
        assertEquals(2, later.toFloats()[0]);
        assertTrue(told.sharesMemoryWith(later));
        later.fill(5);
        assertThrows(IllegalStateException.class, () -> outer.sum().backward());
        assertEquals(5, told.toFloats()[0]);
    }

    @Test
    void aResultIsComputedAlongOnItsOwnThreadAlone() {
        Tensor inner = row().mul(2);
        Tensor outer = row().mul(3);
        Tensor sum = outer.add(1);
        onAnother(
                () -> {
                    assertEquals(Map.of(), Pending.fusedIn(() -> inner.add(1).toFloats()));
                    assertEquals(Map.of(), Pending.fusedIn(sum::toFloats));
                    sum.toFloats();
                });
        assertNull(Internals.pending(inner));
        assertNull(Internals.pending(outer));
    }

    @Test
    void whatOneThreadMadeAnotherTrains() throws Exception {
        Tensor[] made = new Tensor[2];
        Tensor x = row().requiresGrad(true);
        onAnother(
                () -> {
                    made[0] = Functional.relu(x.mul(2));
                    made[1] = made[0].mul(x);
                });
        made[0].add(made[1]).sum().backward();
        // The derivative of 2 x + 2 x x.
        assertEquals(2 + 4 * 3, x.grad().toFloats()[2]);
        onAnother(() -> Functional.relu(x.mul(2)).mul(x).sum().backward());
        assertEquals(2 + 4 * 3 + 4 * 3, x.grad().toFloats()[2]);
    }

    @Test
    void anotherThreadThatOverwritesIsAnErrorAndNotAnotherValue() throws Exception {
        Tensor x = row();
        Tensor y = x.mul(2);
        Thread other = new Thread(() -> x.fill(9));
        other.start();
        other.join();
        assertThrows(IllegalStateException.class, y::toFloats);
    }

    @Test
    void whatIsOverwrittenWhileItIsReadIsAnErrorAndNotAnotherValue() {
        Tensor x = row();
        Tensor y = new Zeros(x, () -> onAnother(() -> x.fill(9))).result();
        assertThrows(IllegalStateException.class, y::toFloats);
        assertThrows(IllegalStateException.class, y::toFloats);
    }

    @Test
    void whatIsComputedAlongFromItIsAnErrorToo() {
        Tensor x = row().requiresGrad(true);
        Tensor saved = x.mul(2);
        Tensor zeros = new Zeros(row(), () -> onAnother(() -> x.detach().fill(9))).result();
        Tensor y = Functional.silu(saved).add(zeros);
        assertThrows(IllegalStateException.class, y::toFloats);
        assertThrows(IllegalStateException.class, saved::toFloats);
    }

    @Test
    void aWriteCountsFromItsBeginning() {
        Tensor x = row();
        Tensor y = x.mul(2);
        Buffer.overwriting(
                List.of(x.buffer()),
                () -> onAnother(() -> assertThrows(IllegalStateException.class, y::toFloats)));
        Tensor z = x.mul(2);
        onAnother(() -> Buffer.overwriting(List.of(x.buffer()), () -> {}));
        assertThrows(IllegalStateException.class, z::toFloats);
    }

    /** A compiled step uses the memory of a run for the next one. */
    @Test
    void memoryThatIsGivenBackWhileItIsReadIsAnError() throws Exception {
        Tensor a = row();
        try (CompiledStep<Tensor> step = Device.cpu().compile(() -> a.mul(3))) {
            step.run();
            step.run();
            Tensor x = step.run();
            CompletableFuture<?> begun = new CompletableFuture<>();
            CompletableFuture<?> over = new CompletableFuture<>();
            Runnable meanwhile =
                    () -> {
                        begun.complete(null);
                        over.join();
                    };
            AtomicReference<Tensor> y = new AtomicReference<>();
            Runnable reading =
                    () -> {
                        y.set(new Zeros(x, meanwhile).result());
                        y.get().toFloats();
                    };
            var other = CompletableFuture.runAsync(reading, task -> new Thread(task).start());
            begun.join();
            step.run();
            over.complete(null);
            assertThrows(ExecutionException.class, other::get);
            assertThrows(IllegalStateException.class, () -> y.get().toFloats());
        }
    }

    /** A chain that its owner computes while others ask for what is in the middle of it. */
    @Test
    void threadsForceOneValueAtOnceAndItIsOne() throws Exception {
        Tensor x = Tensor.full(0.5, 64).requiresGrad(true);
        Linear linear = new Linear(64, 64);
        for (int i = 0; i < 400; i++) {
            Tensor row = Functional.relu(linear.forward(x.reshape(1, 64)));
            Tensor a = x.mul(2).add(1);
            Tensor b = Functional.silu(a);
            Tensor c = Functional.relu(b.mul(a).add(row));
            List<Tensor> asked = List.of(a, b, c, row);
            CyclicBarrier together = new CyclicBarrier(3);
            List<Throwable> wrong = new ArrayList<>();
            Thread[] others = new Thread[2];
            for (int t = 0; t < others.length; t++) {
                Tensor mine = asked.get((i + t) % 4);
                others[t] =
                        new Thread(
                                () -> {
                                    try {
                                        together.await();
                                        mine.detach().toFloats();
                                    } catch (Throwable e) {
                                        synchronized (wrong) {
                                            wrong.add(e);
                                        }
                                    }
                                });
                others[t].start();
            }
            together.await();
            float[] sum = c.add(b).toFloats();
            for (Thread t : others) {
                t.join();
            }
            assertEquals(List.of(), wrong);
            assertEquals(c.toFloats()[7] + b.toFloats()[7], sum[7]);
            // All that was told of b is one memory: a write is seen everywhere.
            Tensor view = b.detach();
            try (var pause = Autograd.noGrad()) {
                b.fill(3);
            }
            assertEquals(3, view.toFloats()[0]);
        }
    }
}
