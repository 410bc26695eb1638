package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a step hands to the next beside tensors, under schedulers; the numbers are PyTorch's. */
class CarriedNumbersTest {
    private static final float[][] GRADIENTS = {
        {1, -2}, {0.5f, 1}, {-0.25f, 0.75f}, {2, 0.125f}, {1, 1}, {-0.5f, -1}
    };

    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    private static Tensor ones(Device device) {
        return Tensor.ones(2).to(device).copy().requiresGrad(true);
    }

    private static void step(Optimizer optimizer, Tensor w, int i) {
        w.grad(Tensor.of(GRADIENTS[i]).to(w.device()).copy());
        optimizer.step();
    }

    private static void check(
            Device device,
            Function<List<Tensor>, Optimizer> make,
            Function<Optimizer, LRScheduler> schedule,
            String name,
            double number,
            float... expected) {
        Tensor w = ones(device);
        Optimizer optimizer = make.apply(List.of(w));
        LRScheduler scheduler = schedule.apply(optimizer);
        List<float[]> steady = new ArrayList<>();
        for (int i = 0; i < GRADIENTS.length; i++) {
            step(optimizer, w, i);
            scheduler.step();
            steady.add(w.toFloats());
            float[] now = {expected[2 * i], expected[2 * i + 1]};
            assertArrayEquals(now, w.toFloats(), 3e-6f, "step " + i + " on " + device);
        }
        Tensor saved = optimizer.stateTensors().get(name);
        assertEquals(Shape.of(), saved.shape());
        assertEquals(number, saved.item(), 1e-6 * number);
        resume(device, make, schedule, steady);
        compile(device, make, schedule, steady);
    }

    /** Resuming after any step equals never having stopped. */
    private static void resume(
            Device device,
            Function<List<Tensor>, Optimizer> make,
            Function<Optimizer, LRScheduler> schedule,
            List<float[]> steady) {
        for (int stop = 0; stop < GRADIENTS.length; stop++) {
            Tensor w = ones(device);
            Optimizer before = make.apply(List.of(w));
            LRScheduler first = schedule.apply(before);
            for (int i = 0; i < stop; i++) {
                step(before, w, i);
                first.step();
            }
            Map<String, Tensor> state = new LinkedHashMap<>();
            before.stateTensors().forEach((key, t) -> state.put(key, t.copy()));
            Tensor u = w.copy().requiresGrad(true);
            Optimizer after = make.apply(List.of(u));
            LRScheduler second = schedule.apply(after);
            after.loadState(state, before.stepCounts());
            second.loadState(first.state());
            after.setLrs(before.lrs());
            for (int i = stop; i < GRADIENTS.length; i++) {
                step(after, u, i);
                second.step();
                assertArrayEquals(steady.get(i), u.toFloats(), "step " + i + " after " + stop);
            }
        }
    }

    private static void compile(
            Device device,
            Function<List<Tensor>, Optimizer> make,
            Function<Optimizer, LRScheduler> schedule,
            List<float[]> steady) {
        Tensor w = ones(device);
        Tensor g = Tensor.zeros(2).to(device).copy();
        Optimizer optimizer = make.apply(List.of(w));
        LRScheduler scheduler = schedule.apply(optimizer);
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            optimizer.zeroGrad();
                            w.mul(g).sum().backward();
                            optimizer.step();
                            return w.detach();
                        })) {
            for (int i = 0; i < GRADIENTS.length; i++) {
                g.copyFrom(Tensor.of(GRADIENTS[i]));
                step.run();
                scheduler.step();
                assertArrayEquals(steady.get(i), w.toFloats(), "compiled step " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void nAdamsProductIsThatOfTheMomentaAsTheyWere(Device device) {
        check(
                device,
                p -> new NAdam(p, 0.1),
                o -> new OneCycleLR(o, 0.3, 10),
                "0.mu_product",
                0.00752328522503376,
                new float[] {
                    0.987632f, 1.012368f, 0.909273f, 0.942858f, 0.972312f, 0.826552f, 0.642603f,
                    0.795791f, 0.478606f, 0.65162f, 0.503091f, 0.735693f
                });
        check(
                device,
                p -> new NAdam(p, 0.1),
                o -> new CyclicLR(o, 0.01, 0.3).stepSizes(2, 2),
                "0.mu_product",
                0.006239359267055988,
                new float[] {
                    0.989435f, 1.010565f, 0.905214f, 0.941773f, 0.964279f, 0.822217f, 0.783303f,
                    0.804951f, 0.776607f, 0.799218f, 0.801101f, 0.876855f
                });
    }

    @ParameterizedTest
    @MethodSource("devices")
    void asgdsRateIsThatOfTheStepBefore(Device device) {
        check(
                device,
                p -> new ASGD(p, 0.1),
                o -> new StepLR(o, 1, 0.1),
                "0.eta",
                9.999999974752427e-07,
                new float[] {
                    0.89999f, 1.19999f, 0.849981f, 1.099979f, 0.85248f, 1.092478f, 0.85048f,
                    1.092353f, 0.85038f, 1.092252f, 0.850385f, 1.092263f
                });
        check(
                device,
                p -> new ASGD(p, 0.1).lambd(0.3).t0(2).alpha(0.6),
                o -> new StepLR(o, 2, 0.5),
                "0.eta",
                0.024348389357328415,
                new float[] {
                    0.87f, 1.17f, 0.795238f, 1.037275f, 0.796341f, 0.934803f, 0.687314f, 0.915059f,
                    0.629076f, 0.853523f, 0.636688f, 0.871715f
                });
    }

    /** Two parameters of equal counts whose momenta were others. */
    @Test
    void eachParameterHasItsOwn() {
        Tensor a = ones(Device.cpu());
        Tensor b = ones(Device.cpu());
        NAdam both = new NAdam(List.of(a, b), 0.1);
        step(both, a, 0);
        both.zeroGrad();
        both.betas(0.5, 0.999);
        step(both, b, 0);
        // Both have a gradient and one step behind them.
        a.grad(Tensor.of(GRADIENTS[1]));
        b.grad(Tensor.of(GRADIENTS[1]));
        both.step();
        Tensor alone = ones(Device.cpu());
        NAdam ofB = new NAdam(List.of(alone), 0.1).betas(0.5, 0.999);
        step(ofB, alone, 0);
        step(ofB, alone, 1);
        assertArrayEquals(alone.toFloats(), b.toFloats());
        Tensor second = ones(Device.cpu());
        NAdam ofA = new NAdam(List.of(second), 0.1);
        step(ofA, second, 0);
        ofA.betas(0.5, 0.999);
        step(ofA, second, 1);
        assertArrayEquals(second.toFloats(), a.toFloats());
    }

    @Test
    void aNumberIsOne() {
        NAdam nAdam = new NAdam(List.of(ones(Device.cpu())));
        Map<String, Tensor> state = Map.of("0.mu_product", Tensor.ones(2));
        assertEquals(
                "NAdam: state 0.mu_product [2] does not fit",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> nAdam.loadState(state, new long[] {1}))
                        .getMessage());
    }
}
