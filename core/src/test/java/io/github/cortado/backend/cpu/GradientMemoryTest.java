package io.github.cortado.backend.cpu;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Scope;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.cpu.SmallNets.Net;
import io.github.cortado.optim.Adam;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientMemoryTest {
    private static final Tensor LABELS = Tensor.of(new long[] {0, 1, 2, 3, 4, 0});

    static List<String> nets() {
        return SmallNets.NAMES;
    }

    private static Tensor pictures(Net net, int seed) {
        int n = LABELS.size();
        int[] shape = net.input(n);
        return Tensor.of(RandomValues.random(Arrays.stream(shape).reduce(1, (a, b) -> a * b), seed))
                .reshape(shape);
    }

    /** All that somebody holds, and what it read when it was new. */
    private static final class Held {
        private final List<Tensor> tensors = new ArrayList<>();
        private final List<float[]> values = new ArrayList<>();

        void add(Tensor x) {
            tensors.add(x);
            values.add(read(x));
        }

        void assertUnchanged() {
            for (int i = 0; i < tensors.size(); i++) {
                assertArrayEquals(values.get(i), read(tensors.get(i)), "number " + i);
            }
        }

        /** Null for what was never stored, and cannot be computed any more. */
        private static float[] read(Tensor x) {
            try {
                return x.toFloats();
            } catch (IllegalStateException e) {
                assertTrue(e.getMessage().contains("not stored"), e::getMessage);
                return null;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("nets")
    void allThatTenStepsShowedReadsTheSameAfterwards(String name) {
        Net net = SmallNets.of(name);
        Held held = new Held();
        for (int step = 0; step < 10; step++) {
            Tensor x = pictures(net, step).requiresGrad(true);
            net.seen.clear();
            net.isRead = step % 2 == 0;
            Tensor loss = crossEntropy(net.forward(x), LABELS);
            loss.backward();
            net.seen.add(loss);
            net.seen.add(x.grad());
            net.parameters().forEach(w -> net.seen.add(w.grad()));
            if (net.isRead) {
                net.seen.forEach(held::add);
            }
            try (var pause = Autograd.noGrad()) {
                for (Tensor w : net.parameters()) {
                    w.copyFrom(w.sub(w.grad().mul(0.05)));
                    w.grad(null);
                }
            }
            if (!net.isRead) {
                net.seen.forEach(held::add);
            }
            for (int i = 0; i < net.early.size(); i++) {
                assertArrayEquals(net.early.get(i), net.late.get(i).toFloats());
            }
        }
        held.assertUnchanged();
    }

    @ParameterizedTest
    @MethodSource("nets")
    void thirtyStepsHaveTheSameBitsAsCompiled(String name) {
        assertEquals(losses(name, false), losses(name, true));
    }

    private static List<Object> losses(String name, boolean compiled) {
        Net net = SmallNets.of(name);
        Adam adam = new Adam(net.parameters(), 1e-3);
        int[] number = {0};
        List<Object> losses = new ArrayList<>();
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor x = pictures(net, number[0]++);
                                    adam.zeroGrad();
                                    Tensor loss = crossEntropy(net.forward(x), LABELS);
                                    loss.backward();
                                    adam.step();
                                    return loss;
                                })) {
            for (int i = 0; i < 30; i++) {
                net.seen.clear();
                losses.add((compiled ? step.run() : step.runEagerly()).item());
            }
        }
        net.parameters().forEach(w -> losses.add(Arrays.toString(w.toFloats())));
        return losses;
    }

    @Test
    void threadsThatTrainAtTheSameTimeGetWhatOneGetsAlone() throws Exception {
        List<List<Object>> found = new ArrayList<>(List.of(List.of(), List.of(), List.of()));
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < found.size(); t++) {
            int number = t;
            threads.add(new Thread(() -> found.set(number, lossesOf(number))));
        }
        for (Thread t : threads) {
            t.start();
        }
        for (Thread t : threads) {
            t.join();
        }
        for (int t = 0; t < found.size(); t++) {
            assertEquals(lossesOf(t), found.get(t));
        }
    }

    private static List<Object> lossesOf(int number) {
        Tensor w = Tensor.of(RandomValues.random(400, number), 20, 20).requiresGrad(true);
        Tensor x = Tensor.of(RandomValues.random(600, 9), 30, 20);
        List<Object> losses = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Tensor loss = x.matmul(w).exp().matmul(w).mul(0.01).softmax(1).mul(x).sum();
            loss.backward();
            w.copyFrom(w.detach().sub(w.grad().mul(0.01)));
            w.grad(null);
            losses.add(loss.item());
        }
        return losses;
    }

    private static Tensor foreign(Tensor x, UnaryOperator<Tensor> gradient) {
        return Node.record("foreign", x.detach().mul(2), Edge.to(x, gradient));
    }

    private static Tensor leaf(int seed) {
        return Tensor.of(RandomValues.random(2000, seed)).requiresGrad(true);
    }

    @Test
    void aPassThatThrowsDoesNotSpoilTheNext() {
        float[] expected = null;
        for (int i = 0; i < 10; i++) {
            boolean fails = i % 3 == 1;
            Tensor x = leaf(1);
            Tensor y = x.exp().rsqrt();
            Tensor z =
                    foreign(
                            y,
                            dy -> {
                                if (fails) {
                                    throw new ArithmeticException("here");
                                }
                                return dy.mul(2);
                            });
            Tensor loss = z.exp().log().add(y).softmax(0).mul(x).sum();
            if (fails) {
                assertThrows(ArithmeticException.class, loss::backward);
            } else {
                loss.backward();
                expected = expected == null ? x.grad().toFloats() : expected;
                assertArrayEquals(expected, x.grad().toFloats());
            }
        }
    }

    @Test
    void aPassInsideOfAnotherTakesNothingOfIt() {
        float[][] expected = {null, null};
        for (int i = 0; i < 12; i++) {
            boolean isInside = i >= 2;
            Tensor x = leaf(1);
            Tensor a = leaf(2);
            Tensor other = a.exp().rsqrt().softmax(0).mul(a).sum();
            Tensor y = x.exp().rsqrt();
            Tensor z =
                    foreign(
                            y,
                            dy -> {
                                if (isInside) {
                                    other.backward();
                                }
                                return dy.mul(2);
                            });
            z.exp().add(y).softmax(0).mul(x).sum().backward();
            if (!isInside) {
                other.backward();
            }
            Tensor[] gradients = {x.grad(), a.grad()};
            for (int g = 0; g < 2; g++) {
                expected[g] = expected[g] == null ? gradients[g].toFloats() : expected[g];
                assertArrayEquals(expected[g], gradients[g].toFloats());
            }
        }
    }

    /** More of them than may wait: what was left open is computed while another node works. */
    @Test
    void whatAForeignGradientLeftOpenIsItsOwn() {
        List<Tensor> kept = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Tensor x = leaf(i);
            Tensor y =
                    foreign(
                            x.exp().rsqrt().exp().mul(x),
                            dy -> {
                                for (int k = 0; k < 40; k++) {
                                    kept.add(dy.add(k));
                                    float[] v = dy.toFloats();
                                    for (int e = 0; e < v.length; e++) {
                                        v[e] += k;
                                    }
                                    values.add(v);
                                }
                                return dy.neg();
                            });
            y.exp().exp().softmax(0).mul(x).sum().backward();
        }
        for (int i = 0; i < values.size(); i++) {
            assertArrayEquals(values.get(i), kept.get(i).toFloats());
        }
    }

    private static Object taken(long pass, int length, boolean isShown) {
        Scope scope = Scope.openForGradients(pass);
        HostBuffer b = GradientMemory.take(DType.FLOAT32, length);
        if (isShown) {
            b.shown();
        }
        scope.close();
        assertEquals(isShown, b.released() == null);
        return b.array();
    }

    @Test
    void anArrayIsTakenAgainUnlessItWasShownOrHadNoUseForSomePasses() {
        long pass = Long.MAX_VALUE / 2;
        Object first = taken(pass, 3001, false);
        assertTrue(first == taken(pass, 3001, false));
        assertTrue(first == taken(pass + 1, 3001, false));
        for (int i = 1; i < GradientMemory.IDLE_PASSES; i++) {
            taken(pass + 1 + i, 3002, false);
        }
        assertTrue(first == taken(pass + 10, 3001, false));
        for (int i = 0; i < GradientMemory.IDLE_PASSES; i++) {
            taken(pass + 20 + i, 3002, false);
        }
        Object second = taken(pass + 30, 3001, false);
        assertTrue(first != second);
        assertTrue(second == taken(pass + 31, 3001, true));
        assertTrue(second != taken(pass + 32, 3001, false));
    }

    @Test
    void aScopeAroundALoopHoldsNoArrayThatWasGivenUp() {
        try (Scope around = Scope.open()) {
            WeakReference<Object> array = givenBackLate(1L << 40);
            for (int i = 1; i <= GradientMemory.IDLE_PASSES + 1; i++) {
                taken((1L << 40) + i, 3002, false);
            }
            for (int i = 0; i < 50 && array.get() != null; i++) {
                System.gc();
            }
            assertTrue(array.get() == null);
        }
    }

    /** As a gradient is that the next node needs. */
    private static WeakReference<Object> givenBackLate(long pass) {
        Scope node = Scope.openForGradients(pass);
        HostBuffer b = GradientMemory.take(DType.FLOAT32, 3001);
        node.close(x -> false, "");
        b.release("the next node is done");
        return new WeakReference<>(b.array());
    }

    @Test
    void outsideOfPassesNothingIsTakenAgain() {
        assertNull(GradientMemory.take(DType.FLOAT32, 3001));
        try (Scope scope = Scope.open()) {
            assertNull(GradientMemory.take(DType.FLOAT32, 3001));
        }
        try (Scope scope = Scope.openForGradients(0)) {
            assertNull(GradientMemory.take(DType.FLOAT32, 3001));
        }
    }
}
