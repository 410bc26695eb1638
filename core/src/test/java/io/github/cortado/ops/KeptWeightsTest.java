package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.Derived;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Folded and packed weights are kept, and follow every write. The oracle packs none, and is slow.
 */
class KeptWeightsTest {
    /** One layer of each way to go, with a normalisation and without. */
    private static final class Net extends Layer {
        final Conv2d planes = add("planes", new Conv2d(3, 40, 3).padding(1));
        final BatchNorm2d bn = add("bn", new BatchNorm2d(40));
        final Conv2d winograd = add("winograd", new Conv2d(40, 40, 3).padding(1));
        final Conv2d depthwise = add("depthwise", new Conv2d(40, 40, 3).padding(1).groups(40));
        final BatchNorm2d bn2 = add("bn2", new BatchNorm2d(40));
        final Conv2d product = add("product", new Conv2d(40, 130, 1));
        final Conv2d many = add("many", new Conv2d(130, 40, 3).stride(4));
        final Linear fc = add("fc", new Linear(40, 20));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = Functional.relu(bn.forward(planes.forward(x)));
            y = Functional.relu(winograd.forward(y));
            y = Functional.relu6(bn2.forward(depthwise.forward(y)));
            y = many.forward(Functional.relu(product.forward(y)));
            return fc.forward(y.mean(false, 2, 3));
        }
    }

    @BeforeAll
    static void onVectors() {
        assumeTrue(Device.cpu().backend().name().equals("cpu-vector"));
    }

    private final Tensor x = pictures();
    private final Net net = net();

    /** Of one seed, whatever ran before: a channel that is cut off hides what is written to it. */
    private static Net net() {
        Seed.manualSeed(4);
        return new Net();
    }

    private static Tensor pictures() {
        float[] values = new float[6 * 3 * 8 * 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * i);
        }
        return Tensor.of(values, 6, 3, 8, 8);
    }

    private static float[] infer(Layer model, Tensor x) {
        try (var pause = Autograd.noGrad()) {
            model.eval();
            return model.forward(x).toFloats();
        }
    }

    /** Of the same values in memory of which nothing was ever made. */
    private float[] afresh() {
        Net other = new Net();
        Map<String, Tensor> values = new LinkedHashMap<>();
        net.stateDict().forEach((name, t) -> values.put(name, t.copy()));
        other.loadStateDict(values);
        return infer(other, x.to(Device.cpu()));
    }

    private void follows(String what, Runnable write) {
        float[] before = infer(net, x);
        assertArrayEquals(before, infer(net, x), what);
        write.run();
        float[] after = infer(net, x);
        assertArrayEquals(afresh(), after, what);
        assertFalse(Arrays.equals(before, after), what + " changes nothing");
    }

    @Test
    void theyFollowWhatIsWrittenToATensor() {
        net.stateDict()
                .forEach(
                        (name, t) -> {
                            if (t.dtype() != DType.FLOAT32) {
                                return;
                            }
                            try (var pause = Autograd.noGrad()) {
                                Tensor other = t.mul(0.5).add(0.01).copy();
                                follows("copyFrom " + name, () -> t.copyFrom(other));
                                Tensor half = t.narrow(0, 0, t.dim(0) / 2);
                                Tensor less = half.mul(0.9).copy();
                                follows("copyFrom a part of " + name, () -> half.copyFrom(less));
                            }
                        });
        follows("fill", () -> net.bn.namedBuffers().get("running_var").fill(0.3));
        follows("fill", () -> net.winograd.weight().detach().narrow(0, 3, 1).fill(0.3));
    }

    @Test
    void theyFollowTraining() {
        Optimizer sgd = new SGD(net.parameters(), 0.01).momentum(0.9);
        for (int i = 0; i < 3; i++) {
            follows("a step of training", () -> train(sgd));
        }
        follows(
                "statistics alone",
                () -> {
                    try (var pause = Autograd.noGrad()) {
                        net.train();
                        net.forward(x.mul(3)).toFloats();
                    }
                });
    }

    private void train(Optimizer sgd) {
        net.train();
        Tensor loss = net.forward(x).mul(0.1).sum();
        sgd.zeroGrad();
        loss.backward();
        sgd.step();
    }

    @Test
    void theyFollowACompiledStepOfTraining() {
        Optimizer sgd = new SGD(net.parameters(), 0.01);
        try (CompiledStep<Tensor> step =
                        Device.cpu()
                                .compile(
                                        () -> {
                                            train(sgd);
                                            return Tensor.scalar(1f);
                                        });
                CompiledStep<Tensor> inference =
                        Device.cpu()
                                .compile(
                                        () -> {
                                            net.eval();
                                            try (var pause = Autograd.noGrad()) {
                                                return net.forward(x);
                                            }
                                        })) {
            for (int i = 0; i < 6; i++) {
                follows("a compiled step", step::run);
                float[] expected = infer(net, x);
                assertArrayEquals(expected, inference.run().toFloats());
                assertArrayEquals(expected, inference.run().toFloats());
            }
        }
    }

    @Test
    void theyFollowALoadedStateAndAverages() {
        Map<String, Tensor> other = new LinkedHashMap<>();
        new Net().stateDict().forEach((name, t) -> other.put(name, t.copy()));
        follows("loadStateDict", () -> net.loadStateDict(other));
        follows(
                "averages",
                () -> {
                    try (var pause = Autograd.noGrad()) {
                        net.namedParameters()
                                .forEach((name, t) -> t.copyFrom(t.mul(0.9).add(0.001)));
                    }
                });
    }

    @Test
    void theyFollowAMove() {
        float[] before = infer(net, x);
        net.to(Device.cpuScalar());
        float[] moved = infer(net, x.to(Device.cpuScalar()));
        for (int i = 0; i < moved.length; i++) {
            assertEquals(before[i], moved[i], 1e-4);
        }
        try (var pause = Autograd.noGrad()) {
            net.planes.weight().copyFrom(net.planes.weight().mul(0.7));
        }
        net.to(Device.cpu());
        assertArrayEquals(afresh(), infer(net, x));
        // Into an optimizer's storage.
        infer(net, x);
        train(new SGD(net.parameters(), 0.1));
        assertArrayEquals(afresh(), infer(net, x));
    }

    @Test
    void threadsMayInferAtTheSameTime() throws Exception {
        float[] expected = afresh();
        List<Thread> threads = new ArrayList<>();
        List<float[]> found = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 4; i++) {
            Thread thread =
                    new Thread(
                            () -> {
                                for (int k = 0; k < 3; k++) {
                                    found.add(infer(net, x));
                                }
                            });
            threads.add(thread);
        }
        net.eval();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(12, found.size());
        found.forEach(f -> assertArrayEquals(expected, f));
    }

    @Test
    void aPrintChangesNothing() {
        float[] expected = infer(net, x);
        assertFalse(net.toString().isEmpty() || net.planes.weight().toString().isEmpty());
        try (var pause = Autograd.noGrad()) {
            Tensor y = net.forward(x);
            assertFalse(y.toString().isEmpty());
            assertArrayEquals(expected, y.toFloats());
        }
        assertArrayEquals(expected, infer(net, x));
    }

    @Test
    void theyAreThereInInferenceAlone() {
        Derived[] kept = new Derived[1];
        infer(net, x);
        kept[0] = net.winograd.weight().buffer().derived();
        assertNotNull(kept[0]);
        assertNotNull(net.planes.weight().buffer().derived());
        infer(net, x);
        assertEquals(kept[0], net.winograd.weight().buffer().derived());
        train(new SGD(net.parameters(), 0.1));
        for (Tensor p : net.parameters()) {
            assertNull(p.buffer().derived());
        }
        // No activation has any.
        infer(net, x);
        try (var pause = Autograd.noGrad()) {
            Tensor a = Tensor.ones(64, 64);
            a.matmul(a).toFloats();
            assertNull(a.buffer().derived());
        }
        assertNull(x.buffer().derived());
    }

    @Test
    void theyGoWithTheirModel() throws Exception {
        List<WeakReference<Object>> gone = new ArrayList<>();
        Consumer<Net> use =
                model -> {
                    infer(model, x);
                    for (Tensor p : model.parameters()) {
                        Derived derived = p.buffer().derived();
                        if (derived != null) {
                            gone.add(new WeakReference<>(derived));
                        }
                    }
                };
        use.accept(new Net());
        assertEquals(6, gone.size());
        for (int i = 0; i < 50 && gone.stream().anyMatch(g -> g.get() != null); i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertTrue(gone.stream().allMatch(g -> g.get() == null), "weights are still there");
    }

    /** A batch of another size may go another way, and what none asks for any more goes. */
    @Test
    void ofOneModelNoMoreIsKeptThanItsLastValues() {
        infer(net, x);
        WeakReference<float[]> first = new WeakReference<>(packed());
        assertNotNull(first.get());
        try (var pause = Autograd.noGrad()) {
            net.winograd.weight().copyFrom(net.winograd.weight().mul(0.5));
        }
        infer(net, x);
        for (int i = 0; i < 50 && first.get() != null; i++) {
            System.gc();
        }
        assertTrue(first.get() == null, "what was packed before the write is still there");
    }

    private float[] packed() {
        return net.winograd
                .weight()
                .buffer()
                .derived()
                .get(
                        float[].class,
                        List.of("winograd", 40, 40),
                        () -> {
                            throw new AssertionError("nothing is kept");
                        },
                        net.winograd.weight().buffer(),
                        null);
    }
}
