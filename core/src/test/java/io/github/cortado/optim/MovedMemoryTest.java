package io.github.cortado.optim;

import static io.github.cortado.nn.Functional.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Memory that moves, to stand beside other parameters' or to another device, takes along whatever
 * looks at it; a graph that was recorded before a change is refused.
 */
class MovedMemoryTest {
    private final Tensor one = Tensor.ones(1, 1);

    private static Linear linear(double weight) {
        Linear l = new Linear(1, 1, false);
        l.weight().fill(weight);
        return l;
    }

    private static void step(Optimizer o, Layer... modules) {
        Tensor x = Tensor.ones(1, 1).to(modules[0].parameters().get(0).device());
        o.zeroGrad();
        for (Layer m : modules) {
            x = m.forward(x);
        }
        x.sum().backward();
        o.step();
    }

    @Test
    void aGradientThatIsComputedWhereItIsKeptMayReadWhatLayThereBefore() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}).requiresGrad(true);
        SGD o = new SGD(List.of(x), 1);
        o.step();
        x.mul(Tensor.of(new float[] {5, 6, 7})).sum().backward();
        Tensor before = x.grad();
        o.zeroGrad();
        x.mul(before).mul(before.mean()).sum().backward();
        assertArrayEquals(new float[] {30, 36, 42}, x.grad().toFloats());
    }

    @Test
    void aGradientThatTwoParametersShareIsAddedToInOneOfThem() {
        Tensor a = Tensor.of(new float[] {1, -2, 3}).requiresGrad(true);
        Tensor b = Tensor.of(new float[] {1, 1, 1}).requiresGrad(true);
        SGD o = new SGD(List.of(a, b), 1);
        o.step();
        relu(a.add(b)).mul(2).sum().add(a.mul(3).sum()).backward();
        assertArrayEquals(new float[] {5, 3, 5}, a.grad().toFloats());
        assertArrayEquals(new float[] {2, 0, 2}, b.grad().toFloats());
    }

    @ParameterizedTest
    @ValueSource(strings = {"first step", "second step", "after a state was loaded"})
    void aGraphWhoseWeightsWereUpdatedSinceIsRefused(String when) {
        Linear l1 = linear(2);
        Linear l2 = linear(3);
        SGD o = new SGD(List.of(l2.weight()), 1);
        if (!when.equals("first step")) {
            step(o, l2);
        }
        if (when.startsWith("after")) {
            o.loadState(o.stateTensors(), o.stepCounts());
        }
        Tensor g = l2.forward(l1.forward(one)).sum();
        step(o, l2);
        var e = assertThrows(IllegalStateException.class, g::backward);
        assertTrue(e.getMessage().contains("changed in place since"), e.getMessage());
    }

    @Test
    void aGraphWhoseWeightsMovedUnchangedStillHasItsGradient() {
        Linear l1 = linear(2);
        Linear l2 = linear(3);
        Linear other = linear(4);
        SGD o = new SGD(List.of(l2.weight(), other.weight()), 1);
        Tensor g = l2.forward(l1.forward(one)).sum();
        step(o, other);
        g.backward();
        assertEquals(3, l1.weight().grad().item());
        assertEquals(2, l2.weight().grad().item());
    }

    @Test
    void everyViewOfAParameterFollowsItsTraining() {
        Linear l = new Linear(2, 3, false);
        List<UnaryOperator<Tensor>> views =
                List.of(
                        Tensor::detach,
                        w -> w.reshape(2, 3),
                        w -> w.flatten(0),
                        w -> w.unsqueeze(0),
                        w -> w.narrow(0, 1, 2),
                        w -> w.narrow(0, 1, 2).reshape(4).narrow(0, 1, 3));
        List<Tensor> before = views.stream().map(v -> v.apply(l.weight())).toList();
        Adam o = new Adam(List.of(new Linear(4, 4).weight(), l.weight()), 0.1);
        for (int i = 0; i < 2; i++) {
            o.zeroGrad();
            l.forward(Tensor.ones(1, 2)).sum().backward();
            o.step();
            o.loadState(o.stateTensors(), o.stepCounts());
        }
        for (int i = 0; i < views.size(); i++) {
            float[] now = views.get(i).apply(l.weight()).toFloats();
            assertArrayEquals(now, before.get(i).toFloats(), "view " + i);
        }
        before.get(0).fill(7);
        assertEquals(7, l.weight().get(2, 1));
    }

    @Test
    void twoOptimizersOfOneWeightUpdateTheSameMemory() {
        Linear shared = linear(1);
        Tensor view = shared.weight().detach();
        SGD a = new SGD(List.of(linear(5).weight(), shared.weight()), 0.5);
        SGD b = new SGD(List.of(shared.weight(), linear(6).weight()), 0.25);
        for (int i = 0; i < 3; i++) {
            step(a, shared);
            step(b, shared);
        }
        assertEquals(1 - 3 * 0.75, shared.weight().item());
        assertEquals(1 - 3 * 0.75, view.item());
        // They do not take it from each other again and again.
        var memory = shared.weight().buffer();
        step(a, shared);
        step(b, shared);
        assertSame(memory, shared.weight().buffer());
    }

    @Test
    void aParameterThatIsPartOfALargerTensorStaysItsPart() {
        Tensor whole = Tensor.zeros(3, 1);
        Tensor w = whole.narrow(0, 1, 1).detach().requiresGrad(true);
        Tensor other = Tensor.zeros(1, 1).requiresGrad(true);
        SGD o = new SGD(List.of(other, w), 1);
        for (int i = 0; i < 2; i++) {
            o.zeroGrad();
            w.mul(2).sum().backward();
            o.step();
        }
        assertArrayEquals(new float[] {0, -4, 0}, whole.toFloats());
        assertEquals(-4, w.item());
    }

    @Test
    void viewsMoveToAnotherDeviceAndTypeWithTheParameter() {
        Linear l = linear(2);
        Tensor view = l.weight().reshape(1);
        l.to(Device.cpuScalar());
        l.to(Device.cpuScalar(), DType.FLOAT64);
        assertTrue(view.device().sameAs(Device.cpuScalar()));
        assertEquals(DType.FLOAT64, view.dtype());
        l.weight().fill(0.1);
        assertEquals(0.1, view.item());
    }

    @Test
    void aGraphWhoseWeightsMovedToAnotherTypeIsRefused() {
        Linear l1 = linear(2);
        l1.to(Device.cpuScalar());
        Linear l2 = linear(3);
        l2.to(Device.cpuScalar());
        Tensor g = l2.forward(l1.forward(one.to(Device.cpuScalar()))).sum();
        l2.to(Device.cpuScalar(), DType.FLOAT64);
        var e = assertThrows(IllegalStateException.class, g::backward);
        assertTrue(e.getMessage().contains("moved"), e.getMessage());
    }

    @Test
    void optimizerStateThatWasAskedForFollows() {
        Linear l = linear(2);
        SGD o = new SGD(l.parameters(), 0.1).momentum(0.9);
        step(o, l);
        Map<String, Tensor> state = o.stateTensors();
        String name = state.keySet().iterator().next();
        l.to(Device.cpuScalar());
        step(o, l);
        assertEquals(1.9, state.get(name).item(), 1e-6);
        assertEquals(1.9, o.stateTensors().get(name).item(), 1e-6);
    }

    /** Running statistics are written by the forward pass of training. */
    @Test
    void aGraphWhoseRunningStatisticsChangedSinceIsRefused() {
        BatchNorm2d norm = new BatchNorm2d(2);
        Tensor x = Tensor.ones(2).requiresGrad(true);
        for (String name : List.of("running_mean", "running_var")) {
            Tensor g = x.mul(norm.stateDict().get(name)).sum();
            norm.forward(Tensor.full(5, 2, 2, 3, 3));
            assertThrows(IllegalStateException.class, g::backward, name);
        }
    }
}
